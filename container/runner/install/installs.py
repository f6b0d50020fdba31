"""POST /packages: one installation at a time for each workspace, ended when its client leaves."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from runner.http1 import ChunkStream
from runner.packages import adoption, generations
from runner.runs.leaving import Unfetched
from runner.runs.registry import Runs
from runner.start.launch import NotStarted
from runner.start.ways import Starts
from runner.workspace.commons import Commons
from runner.workspace.folders import Workspace

from .installation import Installation, done
from .request import InstallRequest


class Installs:
    """Serves installations; a second one in the same workspace waits."""

    def __init__(self, starts: Starts, runs: Runs, commons: Commons, unfetched: Unfetched) -> None:
        self._unfetched = unfetched
        self._starts = starts
        self._commons = commons
        self._runs = runs
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._tasks: dict[asyncio.Task[None], str] = {}  # with their workspaces

    @property
    def live(self) -> int:
        return len(self._tasks)

    def turn(self, workspace: Workspace) -> asyncio.Lock:
        """Lock for changes of the workspace's packages."""
        return self._turns[workspace.name]

    async def run(self, workspace: Workspace, request: InstallRequest, stream: ChunkStream) -> None:
        """Installs and sends every event to `stream`, with a heartbeat for each silent second."""
        task = asyncio.ensure_future(self._install(workspace, request, stream))
        self._tasks[task] = workspace.name
        task.add_done_callback(self._tasks.pop)
        task.add_done_callback(lambda _: stream.wake.set())
        try:
            while not task.done() and not stream.gone:
                stream.wake.clear()
                if await stream.is_silent() and not task.done():
                    await stream.heartbeat()
        finally:
            task.cancel()
            await asyncio.wait([task])
        if not task.cancelled() and (error := task.exception()):
            raise error

    async def adopt(self, workspace: Workspace, fresh: Path) -> list[str]:
        """Makes packages that a program has installed itself the workspace's. Returns `name==version` of each."""
        try:
            if not os.listdir(fresh):
                return []
        except OSError:
            return []  # the program has removed the folder, or put something else there
        async with self.turn(workspace):
            try:
                adopted = await asyncio.to_thread(adoption.adopt, workspace, fresh)
            except OSError as error:
                print(f"runner: what a program has installed is lost ({error.strerror})", file=sys.stderr)
                return []
            if adopted:
                self._starts.packages_changed(workspace)
                generations.remove_unused(workspace, self._runs.uses)
                self._runs.space(workspace).changed(packages=True)
            return adopted

    async def end(self, workspace: Workspace | None = None) -> None:
        """Ends the installations of one workspace, or all."""
        tasks = [task for task, name in self._tasks.items() if workspace is None or name == workspace.name]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _install(self, workspace: Workspace, request: InstallRequest, stream: ChunkStream) -> None:
        async def send(event: dict[str, Any]) -> None:
            await stream.event(event)

        space = self._runs.space(workspace)
        async with self.turn(workspace):
            try:
                start = await self._starts.for_command()
                with self._commons.used():
                    changed = await Installation(workspace, request, start, space).run(send)
                if changed:
                    self._starts.packages_changed(workspace)
            except NotStarted as error:
                await send(done("error", [], f"the installer was not started ({error}); try again"))
            except OSError as error:
                if isinstance(error, ConnectionError):
                    raise
                words = f"the packages could not be stored: {error.strerror}"
                await send(done("error", [], words))
            finally:
                generations.remove_unused(workspace, self._runs.uses)
                space.changed(packages=True)
                self._unfetched.changed(workspace)
