"""The end of a runner that has been told to leave: its live work goes on for a while, and changes that its client
has not fetched yet wait for it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable

from runner.bounds import limits
from runner.workspace.folders import Workspace


class Unfetched:
    """Changes in workspaces since their client said that it has all of them."""

    def __init__(self, parts: tuple[str, ...]) -> None:
        self._parts = parts
        self._changes: Counter[str] = Counter()  # by workspace
        self._fetched: dict[tuple[str, str], int] = {}  # number of changes that the client has, by workspace and part

    def __bool__(self) -> bool:
        return any(
            self._fetched.get((name, part), 0) < changes
            for name, changes in self._changes.items()
            for part in self._parts
        )

    def changed(self, workspace: Workspace) -> None:
        """Notes the end of a change: a part that is being fetched may lack it."""
        self._changes[workspace.name] += 1

    def changes(self, workspace: Workspace) -> int:
        """Number of changes: asked for before a part is looked at."""
        return self._changes[workspace.name]

    def fetched(self, workspace: Workspace, part: str, changes: int) -> None:
        """Notes that the client has the part with so many changes."""
        self._fetched[workspace.name, part] = changes


async def leave(
    most_s: float, busy: Callable[[], bool], cut_off: Callable[[], asyncio.Future[None]], unfetched: Unfetched
) -> None:
    """Returns when nothing lives any more and the client has everything. Live work is cut off after `most_s`
    seconds; changes that the client does not fetch are waited for no longer than `limits.UNFETCHED_S`."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + most_s
    idle_since = None
    while True:
        now = loop.time()
        if busy():
            idle_since = None
            if now >= deadline:
                await cut_off()
                continue
        else:
            idle_since = idle_since or now
            if not unfetched or now - idle_since >= limits.UNFETCHED_S:
                break
        await asyncio.sleep(limits.LEAVING_LOOK_S)
    # The last answer is still on its way.
    await asyncio.sleep(limits.LEAVING_LAST_S)
