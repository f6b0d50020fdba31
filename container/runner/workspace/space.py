"""The space that a workspace takes on disk, and whether it has room for more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from time import monotonic, thread_time
from typing import NamedTuple

from runner.bounds import limits
from runner.bounds.refusal import Refusal

from . import disk
from .folders import Workspace
from .walk import Use, walk

NEXT = "delete files that are not needed"
SCRATCH = "install-"  # beginning of the folders of installations, which look at these themselves
NEVER, ANY = float("-inf"), float("inf")


class KeptLogs(NamedTuple):
    """The logs of a workspace's ended runs: they count, and are given up before anything is refused."""

    bytes: Callable[[], int]
    forget: Callable[[], None]


class Space:
    """The space of one workspace. Looked at when somebody asks, and seldom when looking takes long."""

    def __init__(self, workspace: Workspace, logs: KeptLogs, elsewhere: Callable[[], int]) -> None:
        self._workspace = workspace
        self._logs = logs
        self._elsewhere = elsewhere  # bytes outside of the workspace's folder; blocks
        self._turn = asyncio.Lock()
        self._found = Use(0)
        self._began = self._ended = NEVER
        self._free_then = ANY  # on the disk, at the last look
        self._took = 0.0  # the processor's time: that of the clock says more about other programs
        self._is_stale = True
        self._packages = Use(0)
        self._packages_at = NEVER
        self._coming = 0  # bytes that are being stored

    @property
    def pause_s(self) -> float:
        """Pause between two looks at a running program's growth: at most a twentieth of the time is spent looking."""
        return max(limits.SPACE_INTERVAL_S, limits.SPACE_PAUSES * self._took)

    @property
    def found(self) -> Use:
        """Use by the last look, without the logs of runs."""
        return self._found

    async def use(self, quota: int | None = None) -> Use:
        """The workspace's use now. With a quota, an earlier look counts while the workspace cannot be full."""
        asked = monotonic()
        async with self._turn:
            recent = asked - self._ended < limits.SPACE_PAUSES * self._took
            cheap_s = limits.SPACE_CHEAP_S if quota is None or self._may_be_full(quota) else limits.SPACE_UNNOTICED_S
            if self._is_stale or (self._began < asked and not (recent and self._took > cheap_s)):
                self._is_stale = False
                began, self._free_then = monotonic(), self.free()
                self._found, self._took = await asyncio.to_thread(self._look)
                self._began, self._ended = began, monotonic()
        return self._found.plus(self._logs.bytes())

    def _may_be_full(self, quota: int) -> bool:
        """Returns whether half of the room may be gone, by the disk space taken since the last look: somebody else
        may have freed some."""
        return not self._found.bytes + 2 * (self._free_then - self.free()) <= quota

    async def over(self, quota: int) -> Use | None:
        """The use when it is more than `quota`, also without the logs of ended runs."""
        use = await self.use(quota)
        if use.bytes > quota and self._logs.bytes():
            self._logs.forget()
            use = self._found
        return use if use.bytes > quota else None

    async def full(self, quota: int) -> Use | None:
        """The use as `over` gives it, but an earlier look that found room is trusted: a run looks at its end, and
        while it goes on."""
        if not self._is_stale and self._found.bytes <= quota:
            return None
        return await self.over(quota)

    def changed(self, packages: bool = False) -> None:
        """Notes that something was stored or deleted other than by a program: the next look must see it."""
        self._is_stale = True
        if packages:
            self._packages_at = NEVER

    @asynccontextmanager
    async def room(self, quota: int, freed: int = 0) -> AsyncGenerator[Room]:
        """Room for storing files in the working folder; `freed`: the bytes of the files that they replace."""
        await self.over(quota)
        room = Room(self, quota if self._workspace.owns_files else ANY, freed)
        try:
            yield room
        finally:
            self._coming -= room.taken
            self.changed()

    def free(self) -> float:
        """The free bytes on the disk under the workspace."""
        return disk.free(self._workspace.folder, self._workspace.files)

    def shortage(self, size: int = 0) -> str | None:
        """The reason why the disk has no room for so many more bytes, or None."""
        return disk.shortage(size + self._coming, self._workspace.folder, self._workspace.files)

    def take(self, size: int, quota: float) -> None:
        """Counts bytes that are being stored; refuses with `quota` those that do not fit."""
        if short := self.shortage(size):
            raise Refusal("quota", f"there is no room for it, as {short}; {disk.NEXT}")
        use = self._found.plus(self._coming + size)
        if use.bytes > quota:
            raise Refusal("quota", f"there is no room for it, as the workspace would hold {use.words(quota)}; {NEXT}")
        self._coming += size

    def _look(self) -> tuple[Use, float]:
        began = thread_time()
        folder, packages = self._workspace.folder, self._workspace.packages
        if monotonic() - self._packages_at > limits.SPACE_PACKAGES_S:
            self._packages = walk(packages, lambda name: name.startswith(SCRATCH))
            self._packages_at = monotonic()
        rest = walk(folder, lambda name: name == packages.name)
        found = Use(rest.bytes + self._packages.bytes + self._elsewhere(), rest.at_least or self._packages.at_least)
        return found, thread_time() - began


class Room:
    """Room for bytes that are being stored. They are taken from here before they are stored."""

    def __init__(self, space: Space, quota: float, freed: int) -> None:
        self._space = space
        self._quota = quota
        self._freed = freed
        self.taken = 0

    def take(self, size: int) -> None:
        """Takes bytes; refuses with `quota` those that do not fit."""
        from_freed = min(size, self._freed)
        self._freed -= from_freed
        if size > from_freed:
            self._space.take(size - from_freed, self._quota)
            self.taken += size - from_freed
