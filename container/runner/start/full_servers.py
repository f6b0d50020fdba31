"""The full fork servers: for each workspace one that has loaded the heavy libraries which its programs asked for."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass, field
from importlib.machinery import PathFinder
from pathlib import Path

from runner.bounds import limits
from runner.packages import inventory
from runner.workspace.folders import Workspace

from .fork_servers import ForkServer
from .modules import STANDARD, heavy_imports

ASKED_MODULES = 64  # remembered for each workspace


@dataclass
class WorkspaceServers:
    """Servers of one workspace: the current one, the one that is to replace it, and the modules that they are to
    have loaded."""

    asked: dict[str, None] = field(default_factory=dict[str, None])  # an ordered set of module names
    # modules that leave threads behind: nothing can be forked then
    unfit: set[str] = field(default_factory=set[str])
    packages: Path | None = None
    server: ForkServer | None = None
    next: ForkServer | None = None
    next_modules: frozenset[str] = frozenset()
    modules: frozenset[str] = frozenset()
    idle: asyncio.TimerHandle | None = None  # ends it when it has long not been asked for


class FullServers:
    """The servers of all workspaces, at most four. The least recently used one ends, and one that nobody has used
    for `idle_s`."""

    def __init__(self, idle_s: float) -> None:
        self._idle_s = idle_s
        self._warm: dict[str, WorkspaceServers] = {}  # the most recently used last

    def pick(self, workspace: Workspace, code: str, packages: Path | None, namespace: str | None) -> ForkServer | None:
        """The server for this program. None: it needs none, or none is ready (then one is being started)."""
        wanted = heavy_imports(code)
        if not wanted or not self._may_preload(workspace, packages):
            return None
        warm = self._warm.pop(workspace.name, None) or WorkspaceServers()
        self._warm[workspace.name] = warm
        if warm.idle:
            warm.idle.cancel()
        warm.idle = asyncio.get_running_loop().call_later(self._idle_s, self._drop, warm)
        if warm.packages != packages:
            self._drop(warm)
            warm.packages = packages
        self._promote(warm)
        searched = [*([str(packages)] if packages and not workspace.owner else []), *inventory.base_path()]
        for name in wanted:
            if len(warm.asked) < ASKED_MODULES and PathFinder.find_spec(name.partition(".")[0], searched):
                warm.asked[name] = None
        modules = frozenset(name for name in warm.asked if name not in warm.unfit)
        if modules and modules != warm.modules and warm.next is None:
            loadable = None if workspace.owner else packages
            order = [name for name in warm.asked if name in modules]
            # A server that runs as root neither reads nor leaves anything in a home that belongs to programs.
            home = None if workspace.owner else workspace.home
            warm.next = ForkServer("full", home, [*STANDARD, *order], loadable, {"namespace": namespace})
            warm.next_modules = modules
        while len(self._warm) > limits.FULL_SERVERS:
            self._drop(self._warm.pop(next(iter(self._warm))))
        loaded = {name.partition(".")[0] for name in warm.modules}
        return warm.server if warm.server and any(name.partition(".")[0] in loaded for name in wanted) else None

    def state(self, workspace: Workspace) -> str:
        warm = self._warm.get(workspace.name)
        if warm is None:
            return "off"
        self._promote(warm)
        return "ready" if warm.server else "starting" if warm.next else "off"

    def drop(self, workspace: Workspace) -> None:
        """Notes that the workspace's packages changed: loaded modules may be outdated."""
        warm = self._warm.get(workspace.name)
        if warm:
            self._drop(warm)

    def forget(self, workspace: Workspace) -> None:
        """Notes that the workspace is gone, and with it the modules that its programs asked for."""
        self.drop(workspace)
        self._warm.pop(workspace.name, None)

    def close(self) -> None:
        for warm in self._warm.values():
            self._drop(warm)

    def _promote(self, warm: WorkspaceServers) -> None:
        """Takes the new server into use when it is ready; forgets those that ended."""
        if warm.server and warm.server.closed:
            warm.server, warm.modules = None, frozenset()
        if warm.next is None or not (warm.next.ready or warm.next.closed):
            return
        new, warm.next = warm.next, None
        culprit = new.ready["threaded_by"] if new.ready else None
        if culprit or new.closed:
            # Without a name the server died: then none of its modules is tried again until the packages change.
            warm.unfit |= {culprit} if culprit else set(warm.next_modules)
            print(
                f"runner: {culprit or 'something'} cannot be preloaded; it is left to the programs",
                file=sys.stderr,
            )
            new.close()
            return
        if warm.server:
            warm.server.close()
        warm.server, warm.modules = new, warm.next_modules

    def _drop(self, warm: WorkspaceServers) -> None:
        for server in (warm.server, warm.next):
            if server:
                server.close()
        warm.server = warm.next = None
        warm.modules = frozenset()
        warm.unfit = set()

    def _may_preload(self, workspace: Workspace, packages: Path | None) -> bool:
        """Returns whether modules may be preloaded. A server that runs as root loads only the base's packages; so
        no program may need another version of one."""
        if not (workspace.owner and packages):
            return True
        return not inventory.distributions([str(packages)]).keys() & inventory.base_distributions().keys()
