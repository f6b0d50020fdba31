"""The runs of all workspaces: the live ones, the remembered ended ones, and their readers."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from runner.bounds import limits
from runner.bounds.refusal import Refusal
from runner.http1 import ChunkStream
from runner.start.launch import NotStarted
from runner.start.ways import Starts
from runner.workspace import disk, folders
from runner.workspace.commons import Commons
from runner.workspace.files_now import FilesNow, Watches
from runner.workspace.folders import Workspace
from runner.workspace.space import KeptLogs, Space

from .growth import Growth
from .leaving import Unfetched
from .pruning import clean, prune_outputs
from .request import RunRequest
from .run import Run

Read = Callable[[], Awaitable[None]]
STARTING_S = 0.02  # until a run that is being started is looked at again


class Runs:
    """Runs by workspace and id. An id is taken until its run is forgotten."""

    def __init__(self, starts: Starts, unused_s: float, commons: Commons, unfetched: Unfetched) -> None:
        self._unfetched = unfetched
        self._starts = starts
        self._commons = commons
        self._unused_s = unused_s  # as limits.UNUSED_H
        self._known: dict[tuple[str, str], Run] = {}
        self._ended: list[tuple[str, str]] = []  # oldest first
        self._tasks: set[asyncio.Task[None]] = set()
        self._spaces: dict[str, Space] = {}
        self._watches = Watches()
        self._tidied: dict[str, float] = {}  # time of the last tidying, by workspace
        # Takes over packages that a program has installed: set by the installer's side.
        self.adopt: Callable[[Workspace, Path], Awaitable[list[str]]]
        self._withdrawn: set[tuple[str, str]] = set()  # runs that were cancelled while they were being started
        self._refused: list[str] = []  # workspaces that are being removed, once for each request

    def space(self, workspace: Workspace) -> Space:
        """The workspace's space on disk; the logs of its ended runs are part of it."""
        name = workspace.name
        if name not in self._spaces:
            logs = KeptLogs(
                lambda: sum(self._known[key].log.size for key in self._ended if key[0] == name),
                lambda: self._forget_ended(name),
            )
            self._spaces[name] = Space(workspace, logs, self._commons.bytes)
        return self._spaces[name]

    def files(self, workspace: Workspace) -> FilesNow:
        """The files of the workspace's working folder."""
        return self._watches.files(workspace)

    @property
    def live(self) -> int:
        return len(self._known) - len(self._ended)

    def uses(self, packages: Path) -> bool:
        """Returns whether a live run was started with this generation of packages."""
        return any(run.packages == packages and not run.ended.is_set() for run in self._known.values())

    def live_in(self, workspace: Workspace) -> bool:
        return any(name == workspace.name and not run.ended.is_set() for (name, _), run in self._known.items())

    async def start(self, request: RunRequest, workspace: Workspace, has_left: Callable[[], bool], read: Read) -> Run:
        """Writes the request's files and starts its program, unless its client `has_left` before it could begin. Calls
        `read` before either; when that raises, nothing was done."""
        space, quota = self.space(workspace), request.limits.workspace_bytes
        full = await space.full(quota)
        if workspace.name in self._refused:
            raise Refusal("conflict", "the workspace is being deleted; send the request again when it is")
        workspace.make()  # it may have been deleted since the request came
        key = (workspace.name, request.id)
        if key in self._known:
            raise Refusal("conflict", f"run id {request.id!r} is taken; choose another, or read it with GET …/events")
        if self.live >= limits.LIVE_RUNS:
            raise Refusal("busy", f"{limits.LIVE_RUNS} runs are live; wait for one to end, or cancel one")
        self._make_room(workspace, request.limits.output_bytes)
        for path in request.files:
            folders.check_writable(workspace.files, path)

        def new() -> Run:
            return Run(
                request,
                workspace,
                self.files(workspace),
                Growth(space, request.limits, full),
                self._known.values,
                self.adopt,
            )

        def is_wanted() -> bool:
            return key not in self._withdrawn and not has_left()

        run = self._known[key] = new()
        self._commons.enter()
        began = time.monotonic()
        try:
            await read()
            await self._write(request, workspace)
            try:
                await run.start(await self._starts.pick(workspace, request.code), is_wanted)
            except NotStarted:
                if not is_wanted() or time.monotonic() - began > limits.START_TIMEOUT_S / 2:
                    raise  # the client gives up before a second attempt could end
                # The fork server had just died, most likely; nothing of the program ran.
                run = self._known[key] = new()
                await run.start(await self._starts.pick(workspace, request.code), is_wanted)
        except NotStarted as error:
            self._commons.leave()
            del self._known[key]
            if disk.is_full(error):
                raise disk.refusal("the program was not started") from error
            words = f"the program was not started ({error}); send the request again"
            raise Refusal("not_started", words) from error
        except BaseException:
            self._commons.leave()
            del self._known[key]
            raise
        finally:
            self._withdrawn.discard(key)
        task = asyncio.ensure_future(self._remember(key, run))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return run

    async def _write(self, request: RunRequest, workspace: Workspace) -> None:
        """Writes the request's files, all or none for want of room."""
        files = request.files
        if not files:
            return
        replaced = sum(folders.size_on_disk(workspace.files, path) for path in files)
        async with self.space(workspace).room(request.limits.workspace_bytes, replaced) as room:
            room.take(sum(map(len, files.values())))
            for path, content in files.items():
                await folders.write(workspace.files, path, [content], workspace.owner)

    def get(self, workspace: Workspace, run_id: str) -> Run:
        run = self._known.get((workspace.name, run_id))
        if run is None or not run.has_started:
            raise Refusal(
                "not_found",
                f"there is no run {run_id[:64]!r} here; ended runs are forgotten after 10 minutes",
            )
        return run

    async def cancel(self, workspace: Workspace, run_id: str) -> str:
        """Ends a run. Returns its state before: `running` or `finished`. One that is being started does not begin
        any more."""
        key = (workspace.name, run_id)
        while (starting := self._known.get(key)) and not starting.has_started:
            self._withdrawn.add(key)
            await asyncio.sleep(STARTING_S)
        run = self.get(workspace, run_id)
        was = "finished" if run.log.ended else "running"
        run.cancel()
        await run.ended.wait()
        return was

    async def follow(self, run: Run, after: int, stream: ChunkStream) -> None:
        """Sends the events after number `after`, then live ones until the run's end, and ends the stream with the last
        one; or until the client leaves."""
        run.attach()
        run.log.wakers.add(stream.wake.set)
        try:
            offset = run.log.offset_after(after)
            while not stream.gone:
                stream.wake.clear()
                data = run.log.read(offset)
                offset += len(data)
                if run.log.ended and offset == run.log.size:
                    await stream.end(data)
                    return
                if data:
                    await stream.send(data)
                elif await stream.is_silent() and offset == run.log.size and not run.log.ended:
                    await stream.heartbeat()
        finally:
            run.log.wakers.discard(stream.wake.set)
            run.detach()

    async def end_all(self, workspace: Workspace | None = None) -> None:
        """Ends the live runs, also those that are just being started: of one workspace as cancelled, of all as cut
        off."""
        while live := [
            run
            for run in self._known.values()
            if not run.ended.is_set() and (workspace is None or run.workspace.name == workspace.name)
        ]:
            for run in live:
                if run.has_started and workspace is None:
                    run.cut_off()
                elif run.has_started:
                    run.cancel()
            for run in live:
                await (run.ended.wait() if run.has_started else asyncio.sleep(STARTING_S))

    async def read_out(self) -> None:
        """Waits a moment until the readers of ended runs have read their end."""
        until = time.monotonic() + limits.READ_OUT_S
        while time.monotonic() < until and any(run.readers for run in self._known.values()):  # noqa: ASYNC110  not for ever
            await asyncio.sleep(STARTING_S)

    @contextmanager
    def refused(self, workspace: Workspace) -> Generator[None]:
        """Keeps runs of the workspace from starting within."""
        self._refused.append(workspace.name)
        try:
            yield
        finally:
            self._refused.remove(workspace.name)

    def forget(self, workspace: Workspace) -> None:
        """Forgets all about a workspace in which nothing lives."""
        for key in [key for key in self._known if key[0] == workspace.name]:
            if key not in self._ended:
                self._ended.append(key)  # it has only just ended
            self._forget(key)
        self._spaces.pop(workspace.name, None)
        if workspace.owns_files:
            self._watches.forget(workspace.files)
        self._tidied.pop(workspace.name, None)

    async def _remember(self, key: tuple[str, str], run: Run) -> None:
        await run.ended.wait()
        self._unfetched.changed(run.workspace)
        self._commons.leave()
        if self._known.get(key) is not run or key in self._ended:
            return  # its workspace is gone
        self._ended.append(key)
        own = [ended for ended in self._ended if ended[0] == key[0]]
        if len(own) > limits.REMEMBERED_RUNS:
            self._forget(own[0])
        if len(self._ended) > limits.REMEMBERED_RUNS_TOTAL:
            self._forget(self._ended[0])
        await self._tidy(run.workspace)
        await asyncio.sleep(limits.REMEMBERED_S)
        self._forget(key, run)

    async def _tidy(self, workspace: Workspace) -> None:
        """Removes files that the workspace need not keep; now and then, after a run."""
        name, now = workspace.name, time.time()
        if now - self._tidied.get(name, 0) < limits.TIDY_S:
            return
        self._tidied[name] = now

        def live() -> list[Run]:
            """The runs that may notice the pruning: a given folder of files is that of all workspaces."""
            known = list(self._known.values())
            return [run for run in known if run.workspace.files == workspace.files and not run.ended.is_set()]

        def about_to_prune(path: str) -> None:
            for run in live():
                run.pruned.append(path)

        try:
            kept = {run.request.id for run in live()}
            await asyncio.to_thread(prune_outputs, workspace, kept, now, about_to_prune)
            if self.live_in(workspace):
                self._tidied.pop(name, None)
            else:
                await asyncio.to_thread(clean, workspace, lambda: self.live_in(workspace), now - self._unused_s)
        except OSError as error:
            print(f"runner: a workspace could not be tidied ({error.strerror})", file=sys.stderr)
        self.space(workspace).changed()

    def _make_room(self, workspace: Workspace, size: int) -> None:
        """On a disk that is nearly full a new run's log is worth more than those of ended ones."""
        disk = os.statvfs(workspace.runs)
        if disk.f_bavail * disk.f_frsize < size:
            for key in tuple(self._ended):
                self._forget(key)

    def _forget_ended(self, name: str) -> None:
        """Gives up the logs of a workspace's ended runs."""
        for key in [key for key in self._ended if key[0] == name]:
            self._forget(key)

    def _forget(self, key: tuple[str, str], only: Run | None = None) -> None:
        run = self._known.get(key)
        if run is None or key not in self._ended or (only is not None and run is not only):
            return  # forgotten already; the id may belong to a newer run
        self._ended.remove(key)
        del self._known[key]
        if run.readers == 0:
            run.log.close()
