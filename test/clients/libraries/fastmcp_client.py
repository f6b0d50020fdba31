"""FastMCP's client: 2.x and 3.x over the SDK 1.x, 4.x over the SDK 2.x."""

import asyncio

import fastmcp
import jobs


async def main():
    asked = jobs.read()
    async with fastmcp.Client(asked["url"], auth="oauth") as client:

        async def call(tool, arguments, heard):
            result = await client.call_tool_mcp(tool, arguments, progress_handler=heard)
            return [each.model_dump(mode="json", exclude_none=True) for each in result.content]

        async def cancel():
            # Over the SDK 1.x, a task that is cancelled tells the server nothing.
            await client.cancel(client.session._request_id - 1)

        listed = await client.list_tools()
        says_it_itself = not hasattr(client.session, "_request_id")
        await jobs.answer(
            asked["calls"], [tool.name for tool in listed], call, None if says_it_itself else cancel
        )


asyncio.run(main())
