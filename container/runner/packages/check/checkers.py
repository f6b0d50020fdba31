"""POST /check: a program's imports and whether they are there, as a checker reports them. Checkers are kept, since
a fork of the runner, which grows, would take longer than the reading."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import time
from pathlib import Path
from typing import Any

from runner.workspace.folders import Workspace

from .checker import CHECK_S, HEAD, serve_as_source

# Most checkers that wait for the next program; there are more while more programs are read.
KEPT = 2
# Time without any of them coming free, after which one program that waits gets another: most are read in less.
PATIENCE_S = 0.25
# A checker ends itself in time. One that does not even do that is given up.
GIVE_UP_S = CHECK_S + 1
READ_BYTES = 64 * 1024


class Checkers:
    """The checkers of a runner. Made while the runner is small and has no threads."""

    def __init__(self) -> None:
        self._source: tuple[int, socket.socket] | None = _fork_source()
        self._idle: asyncio.LifoQueue[socket.socket] = asyncio.LifoQueue()
        self._live = 0
        self._came_at = 0.0  # when one was last given back, or made for a program that waited

    async def check(
        self, code: str, paths: list[str], workspace: Workspace, packages: Path | None, aliases: list[str]
    ) -> dict[str, Any]:
        """The answer to POST /check."""
        question = {
            "code": code,
            "paths": paths,
            "folder": str(workspace.folder),
            "files": str(workspace.files),
            "packages": str(packages) if packages else None,
            "aliases": aliases,
        }
        self._reap_source()
        checker = await self._take()
        goes_on = False
        try:
            answer, goes_on = await _ask(checker, json.dumps(question).encode())
        finally:
            self._give_back(checker, goes_on)
        if not answer:
            message = "the program is too deeply nested or too large to be read"
            error = {"type": "MemoryError", "message": message, "line": None, "frame": None}
            return {"syntax_error": error, "imports": [], "notes": []}
        return json.loads(answer)

    def close(self) -> None:
        while not self._idle.empty():
            self._idle.get_nowait().close()
        self._end_source()

    async def _take(self) -> socket.socket:
        if self._idle.empty() and self._live >= KEPT:
            freed = await self._freed()
            if freed:
                return freed
        while not self._idle.empty():
            checker = self._idle.get_nowait()
            if _waits(checker):
                return checker
            self._give_back(checker, False)
        return await self._new()

    async def _freed(self) -> socket.socket | None:
        """The next one that comes free for this program, in the order of asking. None: all are held up, and this
        program is the first to get another. A long queue is not that: it gets shorter, and more processes would not
        make it so sooner."""
        turn = asyncio.ensure_future(self._idle.get())
        try:
            while not (await asyncio.wait([turn], timeout=PATIENCE_S))[0]:
                if time.monotonic() - self._came_at >= PATIENCE_S:
                    self._came_at = time.monotonic()
                    return None
            return turn.result()
        except asyncio.CancelledError:  # its client has left
            if turn.done():
                self._give_back(turn.result(), True)
            raise
        finally:
            turn.cancel()

    def _give_back(self, checker: socket.socket, goes_on: bool) -> None:
        if goes_on:
            self._came_at = time.monotonic()
        if goes_on and self._idle.qsize() < KEPT:
            self._idle.put_nowait(checker)
        else:
            checker.close()
            self._live -= 1

    async def _new(self) -> socket.socket:
        for _ in range(2):  # the source may have been killed meanwhile
            source = self._source = self._source or _fork_source()
            ours, theirs = socket.socketpair()
            ours.setblocking(False)
            with theirs:
                try:
                    socket.send_fds(source[1], [b"\0"], [theirs.fileno()])
                except OSError:
                    pass  # it has ended, and so has the other side of `ours`
            self._live += 1
            goes_on = False
            try:
                _, goes_on = await _heard(ours)
            finally:
                if not goes_on:
                    self._give_back(ours, False)
            if goes_on:
                return ours
            if self._source is source:
                self._end_source()
        raise OSError("no process can be started that reads programs")

    def _reap_source(self) -> None:
        """Forgets a source that was killed, of which an entry in the process table would stay."""
        if self._source and os.waitpid(self._source[0], os.WNOHANG)[0]:
            self._source[1].close()
            self._source = None

    def _end_source(self) -> None:
        if self._source:
            pid, control = self._source
            self._source = None
            control.close()
            # It is ours and not yet reaped, so the number is still its own.
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _fork_source() -> tuple[int, socket.socket]:
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        serve_as_source(theirs)
    theirs.close()
    return pid, ours


def _waits(checker: socket.socket) -> bool:
    """Returns whether it is still there: one that has ended leaves the end of its socket."""
    try:
        return checker.recv(1, socket.MSG_PEEK) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


async def _ask(checker: socket.socket, question: bytes) -> tuple[bytes, bool]:
    try:
        await asyncio.get_running_loop().sock_sendall(checker, HEAD.pack(len(question), True) + question)
    except OSError:
        return b"", False
    return await _heard(checker)


async def _heard(checker: socket.socket) -> tuple[bytes, bool]:
    """The next message of a checker, and whether it waits for a program then. It may end without one."""
    loop = asyncio.get_running_loop()
    give_up = loop.call_later(GIVE_UP_S, checker.shutdown, socket.SHUT_RDWR)
    data = b""
    try:
        while piece := await loop.sock_recv(checker, READ_BYTES):
            data += piece
            if len(data) >= HEAD.size:
                size, goes_on = HEAD.unpack_from(data)
                if len(data) == HEAD.size + size:
                    return data[HEAD.size :], goes_on
    except OSError:
        pass  # its end, too
    finally:
        give_up.cancel()
    return b"", False
