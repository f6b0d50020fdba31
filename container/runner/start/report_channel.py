"""The runner's end of a program's private descriptor. The word to begin goes to it. The report of an error comes on
it, and before that the question whether the program has been quiet so far, which is answered once or twice."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable

from runner.bounds import limits

BEGIN = b"b"
QUESTION, YES, NO = b"?", b"y", b"n"
ANSWERS = 2  # each takes a look at every file


class ReportChannel:
    """The channel of one launch. `theirs` is the program's end. `is_quiet` is None for an installer."""

    def __init__(self, is_quiet: Callable[[], Awaitable[bool]] | None) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self._fd, self.theirs = ours.detach(), theirs.detach()
        self._is_quiet = is_quiet
        self._answers = ANSWERS
        self._report = b""
        self._answering: asyncio.Task[None] | None = None
        os.set_blocking(self._fd, False)
        asyncio.get_running_loop().add_reader(self._fd, self._readable)

    def begin(self) -> None:
        """Lets the waiting program begin. Nothing happens when it has ended."""
        try:
            os.write(self._fd, BEGIN)
        except OSError:
            pass  # its watcher reports its end

    def _readable(self) -> None:
        if not self._read():
            asyncio.get_running_loop().remove_reader(self._fd)

    def _read(self) -> int:
        """Takes the bytes that have come. Returns 0 when nothing more will, or more has than a report may have."""
        try:
            data = os.read(self._fd, limits.REPORT_BYTES + 1 - len(self._report))
        except BlockingIOError:
            return 1
        except OSError:
            return 0  # reset: the other end was closed with an answer unread
        self._report += data
        if self._report.startswith(QUESTION) and self._is_quiet and self._answers > 0:
            self._report = self._report[1:]
            self._answers -= 1
            self._answering = asyncio.ensure_future(self._answer(self._is_quiet))
        return len(data)

    async def _answer(self, is_quiet: Callable[[], Awaitable[bool]]) -> None:
        word = YES if await is_quiet() else NO
        try:
            if self._fd >= 0:
                os.write(self._fd, word)
        except OSError:
            pass  # the program has ended

    def read(self) -> bytes:
        """The report so far."""
        if self._fd >= 0:
            self._read()
        return self._report

    def close(self) -> None:
        if self._answering:
            self._answering.cancel()
        if self._fd >= 0:
            asyncio.get_running_loop().remove_reader(self._fd)
            os.close(self._fd)
            self._fd = -1
