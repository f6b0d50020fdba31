"""The part of HTTP/1.1 that one trusted kind of client needs: keep-alive, sized and chunked bodies, chunked answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import parse_qsl

from .bounds import limits
from .bounds.refusal import Refusal

REASONS = {
    200: "OK",
    201: "Created",
    202: "Accepted",
    204: "No Content",
    304: "Not Modified",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    413: "Content Too Large",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
    507: "Insufficient Storage",
}
LENGTH_DIGITS = 15  # of a content-length: a longer number would not fit into a float
ONLY_ONCE = ("authorization", "content-length", "host", "origin", "transfer-encoding")


@dataclass
class Request:
    method: str
    path: str  # still percent-encoded, without the query
    query: dict[str, str]
    headers: dict[str, str]
    connection: Connection
    left: int | None = 0  # bytes of the body still to be read; None: chunked, not at its end
    keep_alive: bool = True
    continue_expected: bool = field(default=False)

    async def chunks(self, limit: int) -> AsyncIterator[bytes]:
        """The body, piece by piece; refused as soon as it is known to be longer than `limit` bytes."""
        refusal = Refusal("too_large", f"the body is longer than {limits.words(limit)}; send less in one request")
        if self.left is not None and self.left > limit:
            raise refusal
        if self.continue_expected:
            self.continue_expected = False
            self.connection.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        reader, total = self.connection.reader, 0
        while self.left:
            piece = await reader.read(min(self.left, limits.READ_BYTES))
            if not piece:
                raise ConnectionResetError("the client left within its request")
            self.left -= len(piece)
            yield piece
        while self.left is None:
            size = _chunk_size(await self._line(limits.CHUNK_LINE_BYTES))
            total += size
            if total > limit:
                raise refusal
            if size == 0:
                await self._skip_trailers()
                self.left = 0
                return
            while size:
                piece = await reader.read(min(size, limits.READ_BYTES))
                if not piece:
                    raise ConnectionResetError("the client left within its request")
                size -= len(piece)
                yield piece
            if await reader.readexactly(2) != b"\r\n":
                raise _malformed()

    async def _line(self, most: int) -> bytes:
        try:
            line = await self.connection.reader.readuntil(b"\n")
        except asyncio.LimitOverrunError as error:
            raise _malformed() from error
        if len(line) > most:
            raise _malformed()
        return line

    async def _skip_trailers(self) -> None:
        """Trailers tell us nothing, and are no longer than headers may be."""
        left = limits.HEAD_BYTES
        while (line := await self._line(left)).strip():
            left -= len(line)

    async def discard(self) -> None:
        """Reads the rest of a body that was refused: closed while its client is sending, the connection would be reset,
        and the answer lost."""
        if self.continue_expected:
            return  # it waits to be told to send
        try:
            async for _ in self.chunks(limits.DISCARD_BYTES):
                continue
        except Refusal:
            return  # too long, or malformed: the connection is closed all the same

    async def body(self, limit: int = limits.JSON_BODY_BYTES) -> bytes:
        return b"".join([piece async for piece in self.chunks(limit)])

    async def json(self) -> dict[str, Any]:
        """The body as a JSON object."""
        raw = await self.body()
        try:
            value = json.loads(raw.decode("utf-8"))  # bytes would also be taken as UTF-16 or UTF-32
        except (ValueError, RecursionError) as error:
            raise Refusal("bad_request", f"the body is not JSON ({error}); send one JSON object in UTF-8") from error
        if not isinstance(value, dict):
            raise Refusal("bad_request", f"the body must be a JSON object (got {type(value).__name__})")
        return cast("dict[str, Any]", value)


class Connection:
    """A client connection: reads requests, writes answers."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.streaming = False  # an answer has begun that is not at its end
        writer.transport.set_write_buffer_limits(high=limits.WRITE_BUFFER_BYTES)

    async def next_request(self) -> Request | None:
        """The next request, or None when the client is done (or idle for too long)."""
        idle = asyncio.get_running_loop().call_later(limits.IDLE_CONNECTION_S, self.writer.transport.abort)
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return None
        except asyncio.LimitOverrunError as error:
            raise Refusal("bad_request", "the request's headers are longer than 64 KiB; send fewer") from error
        finally:
            idle.cancel()
        return self._parse(head)

    def _parse(self, head: bytes) -> Request:
        try:
            first, *lines = head[:-4].decode("latin-1").split("\r\n")
            method, target, version = first.split(" ")
            pairs = [line.split(":", 1) for line in lines]
            named = [(name.lower(), value.strip()) for name, value in pairs]
            if not version.startswith("HTTP/1.") or any(name != name.strip() for name, _ in named):
                raise ValueError(first)
            headers = dict(named)
            length = headers.get("content-length", "0")
            if not (length.isascii() and length.isdigit() and len(length) <= LENGTH_DIGITS):
                raise ValueError(length)
        except ValueError as error:
            raise Refusal("bad_request", "this is not an HTTP/1.1 request") from error
        names = [name for name, _ in named]
        if any(names.count(name) > 1 for name in ONLY_ONCE):
            raise Refusal("bad_request", f"a header came twice that may come once ({', '.join(ONLY_ONCE)})")
        chunked = "transfer-encoding" in headers
        if chunked and (headers["transfer-encoding"].lower() != "chunked" or "content-length" in headers):
            raise Refusal("bad_request", "the body must be sized with content-length or be chunked, not both")
        path, _, query = target.partition("?")
        wishes = headers.get("connection", "").lower()
        return Request(
            method=method,
            path=path,
            query=dict(parse_qsl(query, keep_blank_values=True)),
            headers=headers,
            connection=self,
            left=None if chunked else int(length),
            keep_alive="close" not in wishes and (version == "HTTP/1.1" or "keep-alive" in wishes),
            continue_expected=headers.get("expect", "").lower() == "100-continue",
        )

    def has_left(self) -> bool:
        """Returns whether the client has closed its side, for example because it gave up."""
        return self.writer.transport.is_closing() or self.reader.at_eof()

    async def linger(self) -> None:
        """Waits for the client to close, and reads until then: a connection that is closed before is reset, and the
        answer lost."""
        try:
            self.writer.write_eof()
        except OSError:
            return  # it has closed already
        left = limits.DISCARD_BYTES
        while left > 0 and (piece := await self.reader.read(limits.READ_BYTES)):
            left -= len(piece)

    def head(self, status: int, headers: dict[str, str]) -> None:
        lines = [
            f"HTTP/1.1 {status} {REASONS[status]}",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        self.writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))

    async def answer(self, status: int, value: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        """Sends one JSON answer."""
        body = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
        sized = {"content-type": "application/json", "content-length": str(len(body)), **(headers or {})}
        self.head(status, sized)
        self.writer.write(body)
        await self.writer.drain()

    def lines(self) -> ChunkStream:
        """Begins a live NDJSON answer."""
        return self.chunks("application/x-ndjson")

    def chunks(self, content_type: str, headers: dict[str, str] | None = None) -> ChunkStream:
        """Begins an answer of unknown length."""
        self.streaming = True
        self.head(
            200,
            {
                "content-type": content_type,
                "transfer-encoding": "chunked",
                "cache-control": "no-store",
                **(headers or {}),
            },
        )
        return ChunkStream(self)


class ChunkStream:
    """A chunked answer. `gone` and `wake` are set at once when the client closes."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.writer = connection.writer
        self.gone = False
        self.sent_at = asyncio.get_running_loop().time()
        self.wake = asyncio.Event()
        self._watch = asyncio.ensure_future(self._wait_for_close(connection.reader))

    async def _wait_for_close(self, reader: asyncio.StreamReader) -> None:
        # The client has nothing to say until the answer ends: after any bytes from it the connection is not used
        # again.
        try:
            await reader.read(1)
        except ConnectionError:
            pass  # a reset is one way of leaving
        self.gone = True
        self.writer.transport.abort()
        self.wake.set()

    async def send(self, data: bytes) -> None:
        """Waits while the client owes too much."""
        self.writer.write(_chunk(data))
        await self.writer.drain()
        self.sent_at = asyncio.get_running_loop().time()

    async def event(self, value: dict[str, Any]) -> None:
        await self.send(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace") + b"\n")

    async def is_silent(self) -> bool:
        """Waits until `wake` is set, at most until a heartbeat is due. Returns whether nothing was sent for so long."""
        loop = asyncio.get_running_loop()
        beat = loop.call_later(limits.HEARTBEAT_S, self.wake.set)
        await self.wake.wait()
        beat.cancel()
        return loop.time() - self.sent_at >= limits.HEARTBEAT_S

    async def heartbeat(self) -> None:
        await self.event({"type": "heartbeat"})

    async def end(self, last: bytes = b"") -> None:
        """Sends what is left and the end, as one."""
        self._watch.cancel()  # from here on the client may send its next request
        if not self.gone:
            self.writer.write((_chunk(last) if last else b"") + b"0\r\n\r\n")
            self.connection.streaming = False
            await self.writer.drain()
        # or the reader would still be waited on when the next request is read
        await asyncio.wait([self._watch])

    def close(self) -> None:
        self._watch.cancel()


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def _chunk_size(line: bytes) -> int:
    digits = line.split(b";")[0].strip()
    if not digits or len(digits) > 8 or digits.strip(b"0123456789abcdefABCDEF"):
        raise _malformed()
    return int(digits, 16)


def _malformed() -> Refusal:
    words = "the chunked body is malformed; send each chunk's size as up to 8 hex digits in a line of its own"
    return Refusal("bad_request", words)
