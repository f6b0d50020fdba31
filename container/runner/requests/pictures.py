"""A file of a workspace as a picture that a model can look at: converted and made smaller by the workspace's own
Pillow, in a process that is started and limited like a program's."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

from runner.bounds import limits
from runner.bounds.refusal import Refusal
from runner.http1 import Request
from runner.packages import generations
from runner.start import environment
from runner.start.launch import Launch, NotStarted, Start
from runner.start.ways import Starts
from runner.workspace import folders, mime
from runner.workspace.commons import Commons
from runner.workspace.folders import Workspace

SCRIPT = Path(__file__).with_name("to_picture.py")
REASON_BYTES = 500
MADE_TYPES = ("image/png", "image/jpeg")


class Pictures:
    """Makes a few at a time; the others wait."""

    def __init__(self, starts: Starts, commons: Commons) -> None:
        self._starts = starts
        self._commons = commons
        self._places = asyncio.Semaphore(limits.PICTURES_AT_ONCE)

    async def send(self, request: Request, workspace: Workspace, path: str, max_bytes: int) -> None:
        """Answers with a PNG or JPEG of at most `max_bytes`; `no_picture` gives the reason for none."""
        fd = folders.open_regular(workspace.files, path)
        try:
            size = os.fstat(fd).st_size
            if size > limits.PICTURE_SOURCE_BYTES:
                raise Refusal(
                    "no_picture", f"it has {size} bytes, more than {limits.words(limits.PICTURE_SOURCE_BYTES)}"
                )
            async with self._places:
                with self._commons.used():
                    picture = await self._make(workspace, os.dup(fd), max_bytes)
        finally:
            os.close(fd)
        request.connection.head(
            200,
            {
                "content-type": mime.by_content(picture),
                "content-length": f"{len(picture)}",
                "x-content-type-options": "nosniff",
                "cache-control": "no-store",
            },
        )
        request.connection.writer.write(picture)
        await request.connection.writer.drain()

    async def _make(self, workspace: Workspace, source: int, max_bytes: int) -> bytes:
        """Makes the picture. The process gets the file itself, opened: it can be led to no other."""
        try:
            start = await self._starts.for_command()
        except NotStarted as error:
            os.close(source)
            raise Refusal("not_started", f"the picture was not made ({error}); send the request again") from error
        job = _job(workspace, max_bytes, start)
        launch = Launch(start, job, source, workspace.owner, one_stream=False)
        streams = [
            asyncio.ensure_future(_read(launch.stdout, max_bytes)),
            asyncio.ensure_future(_read(launch.stderr, REASON_BYTES)),
        ]
        try:
            await launch.wait_ready()
            launch.begin()
            result = await asyncio.shield(launch.result)
        except NotStarted as error:
            raise Refusal("not_started", f"the picture was not made ({error}); send the request again") from error
        finally:
            # The process ends, and its pipes close, also when the runner ends or the client has left.
            launch.end()
            picture, reason = await asyncio.gather(*streams)
            launch.close()
        if result is not None and result["exit_code"] == 0 and _is_picture(picture, max_bytes):
            return picture
        raise Refusal("no_picture", _why(result, reason))


def _job(workspace: Workspace, max_bytes: int, start: Start) -> dict[str, Any]:
    generation = generations.current(workspace)
    return {
        "how": "command",
        # -I: of all that programs have left, it gets their packages and nothing else.
        "command": [sys.executable, "-I", str(SCRIPT), str(max_bytes), str(generation or "")],
        "cwd": environment.START,
        "env": environment.for_program(workspace, generation, f"{workspace.tmp}", {}),
        "limits": limits.PICTURE_LIMITS.as_json(),
        "timeout_s": limits.PICTURE_TIMEOUT_S,
        "run_as": workspace.owner,
        **start.mounts(workspace.tmp),
    }


async def _read(fd: int, limit: int) -> bytes:
    """All bytes that come, of which one more than `limit` is kept."""
    reader = asyncio.StreamReader()
    pipe = os.fdopen(fd, "rb", buffering=0)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    kept = b""
    try:
        while data := await reader.read(limits.READ_BYTES):
            kept += data[: max(0, limit + 1 - len(kept))]
        return kept
    finally:
        transport.close()


def _is_picture(data: bytes, max_bytes: int) -> bool:
    """Checks the process's output: it ran the workspace's code."""
    return len(data) <= max_bytes and mime.by_content(data[: mime.SNIFF_BYTES]) in MADE_TYPES


def _why(result: dict[str, Any] | None, reason: bytes) -> str:
    if result is not None and result["reason"] == "timeout":
        return f"making a picture of it took longer than {limits.PICTURE_TIMEOUT_S:g} s"
    if result is not None and result["reason"] == "memory":
        return f"making a picture of it needs more than {limits.words(limits.PICTURE_LIMITS.memory_bytes)} of memory"
    words = reason[:REASON_BYTES].decode("utf-8", "replace").strip().split("\n")[-1]
    return words or "no picture can be made of it"
