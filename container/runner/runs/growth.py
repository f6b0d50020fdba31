"""Growth of a workspace by a run: looked at while it goes on; too much of it ends the run."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from runner.bounds import limits
from runner.workspace import disk
from runner.workspace.space import NEXT, Space
from runner.workspace.walk import Use

REFUSED_WRITE = f"[Errno {errno.EFBIG}]"


class Growth:
    """The growth by one run. `full`: the workspace's use at its start, when that was more than the quota: then the
    run can read and delete, but the system lets it write nothing to speak of."""

    def __init__(self, space: Space, chosen: limits.Limits, full: Use | None) -> None:
        self._space = space
        self._quota = chosen.workspace_bytes
        self._full = full
        self._most = full.bytes + limits.FULL_GROWTH_BYTES if full else self._quota
        self._exceeded: Use | None = None
        # A run that starts on a disk with less can read and delete, and is ended when it makes things worse.
        self._least_free = min(limits.DISK_RESERVE_BYTES, space.free() / 2)
        self._left: float | None = None
        self._at_end = Use(0)
        self.limits = replace(chosen, file_bytes=min(chosen.file_bytes, limits.FULL_FILE_BYTES)) if full else chosen

    async def watch(self, end: Callable[[], None]) -> None:
        """Calls `end` when the run must not go on; cancelled when it has ended."""
        while True:
            await asyncio.sleep(self._space.pause_s)
            left = self._space.free()
            if left < self._least_free:
                self._left = left
                end()
                return
            use = await self._space.over(self._most)
            if use:
                self._exceeded = use
                end()
                return

    def error(self, reason: str | None, own: dict[str, Any] | None) -> dict[str, Any] | None:
        """The `error` of a run that met the quota, or None. `reason`: of its end; `own`: its own report."""
        if self._left is not None and reason == "cancelled":
            message = f"the disk has {limits.words(int(self._left))} left, so the program was stopped; {disk.NEXT}"
            return {"type": "DiskFull", "message": message, "line": None, "frame": None}
        if self._exceeded and reason == "cancelled":
            was = f" (at its start {self._full.words(self._quota)})" if self._full else ""
            held = f"{self._exceeded.words(self._quota)}{was}"
            message = f"the workspace holds {held}, so the program was stopped; {NEXT}"
            return {"type": "WorkspaceQuota", "message": message, "line": None, "frame": None}
        if self._full and own and own["type"] == "OSError" and own["message"].startswith(REFUSED_WRITE):
            held = self._full.words(self._quota)
            message = f"the workspace held {held} when the program started, so it could write no files; {NEXT}"
            return {**own, "type": "WorkspaceQuota", "message": message}
        return None

    async def look(self) -> int:
        """Counts the space at the program's end. Returns the bytes for which there is still room."""
        if self._full:
            self._space.changed()  # it may have deleted something, for which its user waits
        over = await self._space.over(self._quota)
        self._at_end = over or self._space.found
        return max(0, self._quota - self._at_end.bytes)

    def as_json(self) -> dict[str, Any]:
        """Part of the `exit` event: the workspace was, or is, beyond its quota."""
        held = self._at_end.bytes
        if not self._full and held <= self._quota:
            return {}
        at_start = self._full is not None
        return {"over_quota": {"bytes": held, "limit_bytes": self._quota, "at_start": at_start}}
