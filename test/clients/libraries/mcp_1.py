"""The official Python SDK, 1.x."""

import asyncio

import jobs
import signing_in
from mcp import ClientSession, types
from mcp.client.streamable_http import streamablehttp_client


async def main():
    asked = jobs.read()
    auth = signing_in.provider(asked["url"], lambda answer: (answer["code"], answer.get("state")))
    async with streamablehttp_client(asked["url"], auth=auth) as (read, write, _):
        async with ClientSession(read, write) as session:
            await session.initialize()

            async def call(tool, arguments, heard):
                result = await session.call_tool(tool, arguments, progress_callback=heard)
                return [each.model_dump(mode="json", exclude_none=True) for each in result.content]

            async def cancel():
                # A task that is cancelled tells the server nothing; the number of its request is known to the session alone.
                last = types.CancelledNotificationParams(requestId=session._request_id - 1)
                await session.send_notification(types.ClientNotification(types.CancelledNotification(params=last)))

            listed = await session.list_tools()
            await jobs.answer(asked["calls"], [tool.name for tool in listed.tools], call, cancel)


asyncio.run(main())
