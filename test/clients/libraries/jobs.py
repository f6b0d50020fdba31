"""What a client program is asked to do, and what it got: both as JSON, on standard input and output.

In: {"url", "token" or null, "calls": [{"name", "tool", "arguments", "when", "touch", "cancel"}]}. When a live line holds `when`, the file
`touch` is made, or the call is cancelled. Out: {"tools": [name], "results": {name: {"content"} or {"failed"}}}.
"""

import asyncio
import json
import pathlib
import sys


def read():
    return json.load(sys.stdin)


def report(tools, results):
    json.dump({"tools": tools, "results": results}, sys.stdout)


async def answer(calls, tools, call, cancel=None):
    """Makes the calls one after the other. `call(tool, arguments, heard)` is the client's; `cancel()` tells the server that the
    running call is not wanted any more, for clients that do not say so themselves when the task that waits for it is cancelled."""
    results = {}
    for each in calls:
        results[each["name"]] = await outcome(each, call, cancel)
    report(tools, results)


async def outcome(each, call, cancel):
    told = asyncio.Event()

    async def heard(progress, total=None, message=None):
        if each.get("when") and each["when"] in (message or ""):
            if each.get("touch"):
                pathlib.Path(each["touch"]).touch()
            told.set()

    running = asyncio.create_task(call(each["tool"], each["arguments"], heard))
    if each.get("cancel"):
        waiting = asyncio.create_task(told.wait())
        await asyncio.wait([running, waiting], return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if cancel and not running.done():
            await cancel()
        running.cancel()
    try:
        return {"content": await running}
    except asyncio.CancelledError:
        return {"failed": "cancelled"}
    except Exception as error:  # whatever a client library makes of an answer is what the test looks at
        return {"failed": words(error)}


def words(error):
    """Of an exception group, those of the exceptions in it."""
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(words(each) for each in error.exceptions)
    return f"{type(error).__name__}: {error}"
