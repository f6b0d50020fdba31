"""The official Python SDK, 2.x."""

import asyncio

import httpx2
import jobs
import signing_in
from mcp import Client
from mcp.client.auth import AuthorizationCodeResult
from mcp.client.streamable_http import streamable_http_client


async def main():
    asked = jobs.read()
    auth = signing_in.provider(asked["url"], AuthorizationCodeResult.model_validate)
    async with httpx2.AsyncClient(auth=auth, timeout=httpx2.Timeout(30, read=300)) as http:
        async with Client(streamable_http_client(asked["url"], http_client=http)) as client:

            async def call(tool, arguments, heard):
                result = await client.call_tool(tool, arguments, progress_callback=heard)
                return [each.model_dump(mode="json", exclude_none=True) for each in result.content]

            listed = await client.list_tools()
            await jobs.answer(asked["calls"], [tool.name for tool in listed.tools], call)


asyncio.run(main())
