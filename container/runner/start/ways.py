"""Ways to start a program: forked from the bare fork server, the standard one, or its workspace's full one, or in a
new interpreter."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

from runner.packages import generations
from runner.workspace import commons
from runner.workspace.aliases import Aliases
from runner.workspace.folders import Workspace
from runner.workspace.shared_memory import SHARED_MEMORY
from runner.workspace.short_tmp import ShortTmp

from .fork_servers import ForkServer, KeptServer
from .full_servers import FullServers
from .launch import NotStarted, Start
from .modules import BARE, STANDARD, needs_bare_alone


class Starts:
    """Owns the fork servers and picks one for each run."""

    def __init__(self, mode: str, root: Path, replaceable: frozenset[str], idle_s: float, also_at: list[str]) -> None:
        self.mode = mode
        self._replaceable = replaceable
        memory = SHARED_MEMORY if SHARED_MEMORY in replaceable else None
        probe = {"probe": True, "mounts": commons.mounts(replaceable, root), "memory": memory}

        async def tries() -> dict[str, Any]:
            return probe

        async def as_bare() -> dict[str, Any]:
            await self.bare.ready()
            return {"namespace": self.bare.isolation["namespace"]}

        self.bare = KeptServer("bare", BARE, tries)
        self._standard = KeptServer("standard", STANDARD, as_bare) if mode != "plain" else None
        self.full = FullServers(idle_s)
        self._short_tmp = ShortTmp(root)
        self._aliases = Aliases(also_at, root)

    async def pick(self, workspace: Workspace, code: str) -> Start:
        """Picks the start of a program."""
        bare, generation = await self._bare(), generations.current(workspace)
        if self.mode == "plain":
            return self._start(bare, "plain", generation, workspace)
        full = self.full.pick(workspace, code, generation, self.bare.isolation["namespace"])
        if "pip" in code and "install" in code:
            full = None  # it may install another version of a module that would be loaded already
        return self._start(full or self._standard_for(code) or bare, "fork", generation, workspace)

    def _standard_for(self, code: str) -> ForkServer | None:
        """The standard server, if there is one and the program needs it."""
        return self._standard.now if self._standard and not needs_bare_alone(code) else None

    def warm_up(self, workspace: Workspace, code: str) -> None:
        """Loads modules ahead for a program that is checked: it will soon be started."""
        if self.mode != "plain" and self.bare.is_ready:
            self.full.pick(workspace, code, generations.current(workspace), self.bare.isolation["namespace"])

    async def for_command(self) -> Start:
        """Picks the start of an installer."""
        return self._start(await self._bare(), "command", None)

    async def _bare(self) -> ForkServer:
        try:
            return await self.bare.get()
        except asyncio.TimeoutError as error:
            raise NotStarted("the fork server is not ready") from error

    def _start(
        self, server: ForkServer, how: str, generation: Path | None, workspace: Workspace | None = None
    ) -> Start:
        private = self.private()
        tmp = self._short_tmp.path(workspace, private) if workspace else ""
        aliases = self._aliases.make(workspace, self._has_mounts)[1] if workspace else {}
        return Start(server, how, generation, private, tmp, aliases)

    def aliases(self, workspace: Workspace) -> list[str]:
        """Other paths at which a program of this workspace finds its working folder."""
        return self._aliases.make(workspace, self._has_mounts)[0]

    @property
    def _has_mounts(self) -> bool:
        return self.bare.isolation["namespace"] is not None

    def private(self) -> frozenset[str]:
        """The machine's folders that are replaced for programs."""
        return self._replaceable if self.bare.isolation["namespace"] is not None else frozenset()

    def health(self, workspace: Workspace) -> dict[str, str]:
        bare = "ready" if self.bare.is_ready else "starting"
        return {"mode": self.mode, "bare": bare, "full": self.full.state(workspace)}

    def isolation(self, own_user: bool) -> dict[str, bool]:
        linux = sys.platform.startswith("linux")
        namespace = self.bare.isolation["namespace"] is not None
        return {
            "process_group": True,
            "subreaper": linux,
            "pid_namespace": namespace,
            "mount_namespace": commons.TMP in self.private(),
            "own_user": own_user,
        }

    def packages_changed(self, workspace: Workspace) -> None:
        self.full.drop(workspace)

    def forget(self, workspace: Workspace) -> None:
        self.full.forget(workspace)

    async def close(self) -> None:
        self.full.close()
        await asyncio.gather(*(server.close() for server in (self.bare, self._standard) if server))
        self._short_tmp.remove()
