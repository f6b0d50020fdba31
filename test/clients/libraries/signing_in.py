"""Signing in as a host of the MCP SDK does: it opens a browser, and waits for it on a port of its own."""

import asyncio
import http.server
import urllib.parse
import webbrowser

from mcp.client.auth import OAuthClientProvider
from mcp.shared.auth import OAuthClientMetadata


class Memory:
    """Where the SDK keeps what it was given."""

    tokens = None
    client = None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client_info):
        self.client = client_info


class Callback(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.answer = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"Signed in.")

    def log_message(self, *arguments):
        pass


def provider(url, as_answer):
    """`as_answer(parameters)` makes of the parameters that came back what this version of the SDK wants."""
    server = http.server.HTTPServer(("127.0.0.1", 0), Callback)

    async def visit(address):
        webbrowser.open(address)

    async def wait():
        await asyncio.to_thread(server.handle_request)
        return as_answer(server.answer)

    metadata = OAuthClientMetadata(
        client_name="A Python host",
        redirect_uris=[f"http://127.0.0.1:{server.server_port}/callback"],
        grant_types=["authorization_code", "refresh_token"],
        response_types=["code"],
    )
    return OAuthClientProvider(url, metadata, Memory(), visit, wait)
