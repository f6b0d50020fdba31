"""CrewAI's adapter, which fills every optional argument that a model left out with null, and shows no live lines."""

import jobs
from crewai_tools import MCPServerAdapter

asked = jobs.read()
server = {
    "url": asked["url"],
    "transport": "streamable-http",
    "headers": {"Authorization": f"Bearer {asked['token']}"},
}
results = {}
with MCPServerAdapter(server) as tools:
    for each in asked["calls"]:
        try:
            said = tools[each["tool"]].run(**each["arguments"])
            results[each["name"]] = {"content": [{"type": "text", "text": said}]}
        except Exception as error:  # whatever the adapter makes of an answer is what the test looks at
            results[each["name"]] = {"failed": jobs.words(error)}
    jobs.report([tool.name for tool in tools], results)
