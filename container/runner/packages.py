"""Installs packages into a workspace: into a new generation of its `packages` folder, which then takes the place of the
current one, so that running programs keep the files that they started with."""

from __future__ import annotations

import asyncio
import codecs
import os
import re
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from time import monotonic
from typing import Any

from . import environment, generation, inventory, limits
from .launch import Launch, Start, stdin_of
from .workspace import Workspace

CURRENT = "current"  # a symbolic link to a generation's folder; replaced by renaming
Send = Callable[[dict[str, Any]], Awaitable[None]]
# How pip and uv say that the versions asked for and the constraints exclude each other. They have no other sign for it.
CONFLICT_WORDS = ("ResolutionImpossible", "conflicting dependencies", "unsatisfiable", "No solution found")


def current(workspace: Workspace) -> Path | None:
    """The generation that the next run uses, or None when nothing was installed."""
    link = workspace.packages / CURRENT
    try:
        return workspace.packages / os.readlink(link)
    except FileNotFoundError:
        return None


class Installation:
    """One POST /packages. Cancelling `run` ends the installer and changes nothing."""

    def __init__(self, workspace: Workspace, specs: list[re.Match[str]], timeout_s: float, start: Start) -> None:
        self.workspace = workspace
        self.specs = specs
        self.timeout_s = timeout_s
        self._start = start
        self._deadline = monotonic() + timeout_s
        self._output = ""

    async def run(self, send: Send) -> bool:
        """Installs and sends every event; true when a new generation is in place."""
        old = current(self.workspace)
        before = inventory.importable(old)
        wanted = [spec for spec in self.specs if not _is_there(spec, before)]
        if not wanted:
            await send({"type": "output", "text": "All of this is installed already.\n"})
            await send(done("success", []))
            return False
        fresh, new = self._new_folders()
        try:
            failure = await self._install(fresh, wanted, before, send)
            if failure:
                await send(done("error", [], failure))
                return False
            generation.merge(old, fresh, new)
            self._switch(new)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
            if current(self.workspace) != new:
                shutil.rmtree(new, ignore_errors=True)
        after = inventory.importable(new)
        changed = {name: version for name, version in after.items() if before.get(name) != version}
        await send(done("success", inventory.names_and_versions(changed)))
        return True

    def _new_folders(self) -> tuple[Path, Path]:
        """Where the installer installs to, and where the next generation is put together."""
        packages = self.workspace.packages
        number = 1 + max((int(path.name) for path in packages.iterdir() if path.name.isdecimal()), default=0)
        fresh = Path(tempfile.mkdtemp(prefix="install-", dir=packages))
        if self.workspace.owner:
            os.chown(fresh, *self.workspace.owner)
        return fresh, packages / f"{number}"

    async def _install(self, fresh: Path, wanted: list[re.Match[str]], before: dict[str, str], send: Send) -> str | None:
        """Keeps every installed version if that can be; then all but those named; then none. A failure's words, or None."""
        named = {inventory.normal(spec["name"]) for spec in wanted}
        others = {name: version for name, version in before.items() if name not in named}
        for kept in (before, others, {}) if named & before.keys() else (before, {}):
            outcome = await self._attempt(fresh, wanted, kept, send)
            if outcome["exit_code"] == 0:
                return None
            if outcome["reason"] == "timeout":
                return f"the installation took longer than {self.timeout_s:g} s and was stopped"
            if outcome["reason"]:
                return f"the installer went beyond its limit of {outcome['reason']} and was stopped"
            if not kept or not any(word in self._output for word in CONFLICT_WORDS):
                break
            await send({"type": "output", "text": "Trying again with other versions of what is installed.\n"})
        return _last_words(self._output)

    async def _attempt(self, fresh: Path, wanted: list[re.Match[str]], kept: dict[str, str],
                       send: Send) -> dict[str, Any]:  # fmt: skip
        """Runs the installer once; what its monitor reports."""
        self._output = ""
        constraints = fresh / ".constraints.txt"
        constraints.write_text("".join(f"{name}=={version}\n" for name, version in sorted(kept.items())))
        command = _command(fresh, constraints, [spec[0] for spec in wanted])
        launch = Launch(self._start, self._job(command), stdin_of(None, fresh), self.workspace.owner, one_stream=True)
        try:
            await launch.wait_started()
        except BaseException:
            os.close(launch.stdout)
            launch.close()
            raise
        try:
            async for text in _texts(launch.stdout):
                self._output = (self._output + text)[-limits.TAIL_BYTES :]
                await send({"type": "output", "text": text})
            return await asyncio.shield(launch.result) or {"exit_code": None, "reason": "life: its monitor died"}
        finally:
            launch.end()
            await launch.result  # its last process must be gone before its folders are
            launch.close()
            constraints.unlink(missing_ok=True)

    def _job(self, command: list[str]) -> dict[str, Any]:
        return {
            "how": "command",
            "command": command,
            "cwd": str(self.workspace.tmp),
            "env": environment.for_installer(self.workspace),
            "limits": limits.INSTALLER_LIMITS.as_json(),
            "timeout_s": max(0.1, self._deadline - monotonic()),
            "run_as": self.workspace.owner,
            "namespace": self._start.namespace,
            "private_tmp": self._start.private_tmp,
        }

    def _switch(self, new: Path) -> None:
        link = self.workspace.packages / CURRENT
        temporary = link.with_name(f".{CURRENT}")
        temporary.unlink(missing_ok=True)
        temporary.symlink_to(new.name)
        temporary.replace(link)


def remove_unused(workspace: Workspace, in_use: Callable[[Path], bool]) -> None:
    """Removes the generations before the current one that no run uses."""
    keep = current(workspace)
    for folder in workspace.packages.iterdir():
        if folder.name.isdecimal() and folder != keep and not in_use(folder):
            shutil.rmtree(folder, ignore_errors=True)


def done(status: str, installed: list[str], message: str | None = None) -> dict[str, Any]:
    return {"type": "done", "status": status, "installed": installed, "message": message}


def _is_there(spec: re.Match[str], before: dict[str, str]) -> bool:
    """As pip: a name alone is satisfied by any version. Versions and extras are the installer's to judge."""
    return not (spec["versions"] or spec["extras"] or spec["marker"]) and inventory.normal(spec["name"]) in before


def _command(target: Path, constraints: Path, specs: list[str]) -> list[str]:
    options = ["--target", str(target), "--constraint", str(constraints)]
    if uv := inventory.uv():
        return [uv, "pip", "install", "--python", sys.executable, *options, "--no-progress", "--color", "never",
                "--compile-bytecode", "--", *specs]  # fmt: skip
    return [sys.executable, "-m", "pip", "install", *options, "--progress-bar", "off", "--no-color", "--", *specs]


async def _texts(fd: int) -> AsyncIterator[str]:
    """The installer's output as it comes."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    pipe = os.fdopen(fd, "rb", buffering=0)
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    try:
        while data := await reader.read(limits.BATCH_BYTES):
            if text := decoder.decode(data):
                yield text
    finally:
        transport.close()


def _last_words(output: str) -> str:
    """What the installer gave as the reason: its last error line, shortened."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith(("ERROR:", "error:", "×"))]
    chosen = (errors or lines or ["the installer said nothing"])[-1]
    return chosen.removeprefix("ERROR:").removeprefix("error:").strip()[:500]
