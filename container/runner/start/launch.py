"""The runner's side of one watched process tree, be it a program or an installer: its descriptors, the reports of
its monitor, and the `life` that ends it."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runner.bounds import limits
from runner.start.forkserver.become import Job
from runner.start.forkserver.meter import Sample
from runner.workspace import commons
from runner.workspace.shared_memory import SHARED_MEMORY

from .fork_servers import ForkServer
from .report_channel import BEGIN, ReportChannel

F_SETPIPE_SZ = getattr(fcntl, "F_SETPIPE_SZ", None)


@dataclass(frozen=True)
class Start:
    """Way to start a tree, as the picker decided."""

    server: ForkServer
    how: str  # "fork", "plain" or "command"
    packages: Path | None
    private: frozenset[str]  # the machine's folders (see commons.py) that are replaced for the tree
    tmp: str  # a program's TMPDIR; an installer has its own
    aliases: dict[str, str]  # mounts for a program, by place, if they can be made

    def mounts(self, tmp: Path) -> dict[str, Any]:
        """The mounts of a job; `tmp` stands in for temporary folders."""
        return {"mounts": commons.mounts(self.private, tmp), "own_memory": SHARED_MEMORY in self.private}


class NotStarted(Exception):
    """A start of which nothing of the program ran; the message is the cause."""


class Launch:
    """The runner's ends: `stdout` and `stderr` (the reader that takes them closes them), the report, status and
    life."""

    def __init__(
        self,
        start: Start,
        job: Job,
        stdin: int,
        owner: tuple[int, int] | None,
        one_stream: bool,
        is_quiet: Callable[[], Awaitable[bool]] | None = None,
        sampled: Callable[[list[Sample]], None] = lambda _: None,
    ) -> None:
        loop = asyncio.get_running_loop()
        self.ready: asyncio.Future[int] = loop.create_future()
        self.result: asyncio.Future[dict[str, Any] | None] = loop.create_future()  # None: the monitor died
        self._server = start.server
        self._sampled = sampled
        self._text = b""
        self._failure = "the fork server did not answer"
        out, status, life = (os.pipe() for _ in range(3))
        err = out if one_stream else os.pipe()
        self.stdout, self.stderr = out[0], err[0]
        self._report = ReportChannel(is_quiet)
        self._status, self._life = status[0], life[1]
        for pipe in (out[1], err[1]):
            _widen(pipe)
            if owner:
                os.fchown(pipe, *owner)  # or opening /dev/stdout would be refused to the program
        os.set_blocking(self._status, False)
        loop.add_reader(self._status, self._read_status)
        theirs = [stdin, out[1], err[1], status[1], life[0], self._report.theirs]
        try:
            start.server.send(job, theirs)
        except OSError as error:
            self._failure = f"the fork server does not take it: {error.strerror}"
        finally:
            for fd in set(theirs):
                os.close(fd)

    def _read_status(self) -> None:
        data = os.read(self._status, 65536)
        *lines, self._text = (self._text + data).split(b"\n")
        for line in lines:
            message = json.loads(line)
            if "ready" in message:
                self.ready.set_result(message["ready"])
            elif "failed" in message:
                self._failure = message["failed"]
            elif "samples" in message:
                self._sampled(message["samples"])
            else:
                self.result.set_result(message)  # its last word: every process but the monitor is gone
        if not data:
            self._close_status()
            if not self.ready.done():
                self.ready.set_exception(NotStarted(self._failure))
            elif not self.result.done():
                self.result.set_result(None)

    async def wait_ready(self) -> int:
        """The pid of the process that waits for `begin`; NotStarted when there is none in time."""
        await asyncio.wait([self.ready], timeout=limits.START_TIMEOUT_S)
        if self.ready.done():
            return self.ready.result()
        self._server.kill()  # it may be held up, and the next start would be, too
        raise NotStarted(f"it did not start within {limits.START_TIMEOUT_S:g} s")

    def begin(self) -> None:
        """Lets it run, from now on for its time. NotStarted when it has ended, or its monitor has: then it never
        runs."""
        if self.result.done():
            raise NotStarted("it ended before it began")
        try:
            os.write(self._life, BEGIN)
        except OSError as error:
            raise NotStarted("its monitor died") from error
        self._report.begin()

    def end(self) -> None:
        """Begins the end of the tree; `result` comes when all its processes are gone."""
        if self._life >= 0:
            os.close(self._life)
            self._life = -1

    def read_report(self) -> bytes:
        """The bytes that have come on the child's private descriptor."""
        return self._report.read()

    def close(self) -> None:
        """Closes all but stdout and stderr."""
        self.end()
        self._close_status()
        self._report.close()

    def _close_status(self) -> None:
        if self._status >= 0:
            asyncio.get_running_loop().remove_reader(self._status)
            os.close(self._status)
            self._status = -1


def stdin_of(text: str | None, folder: Path) -> int:
    """A descriptor to read `text` from: a nameless file, so that nobody has to feed it. None: end-of-file at once."""
    if text is None:
        return os.open(os.devnull, os.O_RDONLY)
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(text.encode("utf-8", "surrogatepass"))
        file.seek(0)
        return os.dup(file.fileno())


def _widen(pipe: int) -> None:
    if F_SETPIPE_SZ is None:
        return
    try:
        fcntl.fcntl(pipe, F_SETPIPE_SZ, limits.PIPE_BYTES)
    except OSError:
        pass  # beyond the user's share of pipe memory: the default size is only slower
