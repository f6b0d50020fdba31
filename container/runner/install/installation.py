"""One installation of packages into a workspace: makes the next generation of them, which then takes the place of
the current one."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import os
import re
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any

from runner.bounds import limits
from runner.packages import generations, inventory
from runner.packages.inventory import Described
from runner.runs.report import beyond_memory
from runner.start import environment
from runner.start.launch import Launch, Start, stdin_of
from runner.workspace import disk
from runner.workspace.folders import Workspace
from runner.workspace.space import NEXT, SCRATCH, Space
from runner.workspace.walk import walk

from . import pip_settings, with_pip, with_uv
from .request import InstallRequest

WASTE = ("home", "tmp", "cache")  # folders in an installation's own that it needs only for itself
GATHER_S = 0.02  # uv writes word by word: what comes within this time is one event
MESSAGE_CHARS = 500
BROKEN_NEEDS = Path(__file__).with_name("broken_needs.py")
BROKEN = re.compile(r"[a-z0-9-]+ [^ ]+ needs [^ ]+, and [a-z0-9-]+ is [^ ]+")
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Installation:
    """One POST /packages. Cancelling `run` ends the installer and changes nothing, and so does a workspace without
    room for the new packages."""

    def __init__(self, workspace: Workspace, request: InstallRequest, start: Start, space: Space) -> None:
        self.workspace = workspace
        self.specs = request.specs
        self.timeout_s = request.timeout_s
        self._start = start
        self._space = space
        self._quota = request.limits.workspace_bytes
        self._limits = replace(
            request.limits,
            processes=limits.INSTALLER_PROCESSES,
            open_files=limits.INSTALLER_OPEN_FILES,
            file_bytes=limits.INSTALLER_FILE_BYTES,
        )
        self._scratch = Path()
        self._environment: dict[str, str] = {}
        self._beyond: str | None = None  # the reason why the installer was ended for want of room
        self._broken: str | None = None  # packages that lack a need now
        self._deadline = monotonic() + request.timeout_s
        self._output = ""

    async def run(self, send: Send) -> bool:
        """Installs and sends every event. Returns true when a new generation is in place."""
        if short := self._space.shortage():
            await send(done("error", [], f"there is no room for packages, as {short}; {disk.NEXT}"))
            return False
        if over := await self._space.over(self._quota):
            await send(done("error", [], f"the workspace is full: it holds {over.words(self._quota)}; {NEXT}"))
            return False
        old = generations.current(self.workspace)
        self._scratch, new = self._new_folders()
        self._environment = environment.for_installer(self.workspace, *(self._scratch / name for name in WASTE))
        try:
            failure, changed = await self._install(old, new, send)
        finally:
            shutil.rmtree(self._scratch, ignore_errors=True)
            if generations.current(self.workspace) != new:
                shutil.rmtree(new, ignore_errors=True)
        await send(
            done("error", [], failure)
            if failure
            else done("success", inventory.names_and_versions(changed), self._broken)
        )
        return bool(changed)

    def _new_folders(self) -> tuple[Path, Path]:
        """Folders of the installers' work, and of the next generation."""
        packages = self.workspace.packages
        # Passable, but closed to listing: programs of the installer's user must not find its folder while it works.
        packages.chmod(0o711)
        scratch = Path(tempfile.mkdtemp(prefix=SCRATCH, dir=packages))
        for folder in (scratch, *(scratch / name for name in WASTE)):
            folder.mkdir(exist_ok=True)
            if self.workspace.owner:
                os.chown(folder, *self.workspace.owner)
        return scratch, generations.next_generation(self.workspace)

    async def _install(self, old: Path | None, new: Path, send: Send) -> tuple[str | None, dict[str, str]]:
        """Installs. Returns a failure's words, or None and the new distributions."""
        there, target = inventory.at_hand(old), self._scratch / "target"
        if failure := await self._bring(old, there, target, send):
            return failure, {}
        before = inventory.versions(there)
        brought = inventory.distributions([str(target)])
        changed = {name: version for name, version in brought.items() if before.get(name) != version}
        if not changed:
            return None, {}
        others = [each for name, each in there.items() if name not in changed]
        self._broken = await self._broken_needs(target, old, sorted(changed), others)
        for name in WASTE:
            shutil.rmtree(self._scratch / name, ignore_errors=True)
        if failure := await self._no_room(self._quota):
            return failure, {}
        generations.merge(old, target, new)
        generations.switch(self.workspace, new)
        return None, changed

    async def _bring(self, old: Path | None, there: dict[str, Described], target: Path, send: Send) -> str | None:
        """Puts the missing distributions into `target`. Returns a failure's words, or None."""
        specs = [spec[0] for spec in self.specs]
        uv = inventory.uv()
        settings = pip_settings.for_uv(self._environment) if uv else None
        if uv and settings:
            owner = self.workspace.owner
            self._environment.update(settings.environment)
            self._environment.update(with_uv.cache_variables(self._environment, self._scratch / "cache"))
            shown = with_uv.show(there, target, owner)
            command = with_uv.command(uv, specs, target, settings.options, own_cache=owner is not None)
            failure = await self._command(command, send)
            with_uv.take_away(shown)
            if not failure or not with_uv.NO_VERSION.search(self._output):
                return failure
            shutil.rmtree(target, ignore_errors=True)  # pip says which versions there are
        report = self._scratch / "report.json"
        failure = await self._command(with_pip.resolve_command(specs, old, report), send)
        missing = {} if failure else with_pip.resolved(report, inventory.versions(there))
        return await self._command(with_pip.fetch_command(missing, target), send) if missing else failure

    async def _broken_needs(
        self, target: Path, old: Path | None, new: list[str], others: list[Described]
    ) -> str | None:
        """Packages that would lack a need, or None."""
        # The new distributions got their needs. Few of the others need any of them, and a look at their versions takes
        # an interpreter of its own.
        if not inventory.anyone_needs(new, others):
            return None

        async def unheard(_: dict[str, Any]) -> None: ...

        self._output = ""
        await self._run(_broken_command(target, old, new), unheard)
        lines = [line for line in self._output.splitlines() if BROKEN.fullmatch(line)]
        return "; ".join(lines)[:MESSAGE_CHARS] or None

    async def _command(self, command: list[str], send: Send) -> str | None:
        """Runs an installer's command to its end. Returns a failure's words, or None."""
        self._output = ""
        outcome = await self._run(command, send)
        if outcome["exit_code"] == 0:
            return None
        if self._beyond:
            return self._beyond
        if outcome["reason"] == "timeout":
            return f"the installation took longer than {self.timeout_s:g} s and was stopped"
        return _beyond_limit(outcome, self._limits) or _last_words(self._output)

    async def _run(self, command: list[str], send: Send) -> dict[str, Any]:
        job = self._job(command)
        stdin = stdin_of(None, self.workspace.tmp)
        launch = Launch(self._start, job, stdin, self.workspace.owner, one_stream=True)
        try:
            await launch.wait_ready()
            launch.begin()
        except BaseException:
            os.close(launch.stdout)
            launch.close()
            raise
        watch = asyncio.ensure_future(self._watch(launch))
        try:
            async for text in _texts(launch.stdout):
                self._output = (self._output + text)[-limits.TAIL_BYTES :]
                await send({"type": "output", "text": text})
            return await asyncio.shield(launch.result) or {"exit_code": None, "reason": "its monitor died"}
        finally:
            watch.cancel()
            launch.end()
            await launch.result  # its last process must be gone before its folders are
            launch.close()

    async def _watch(self, launch: Launch) -> None:
        """Ends the installer when it brings too much."""
        while True:
            await asyncio.sleep(self._space.pause_s)
            if beyond := await self._no_room(int(limits.INSTALLING_QUOTAS * self._quota)):
                self._beyond = beyond
                launch.end()
                return

    async def _no_room(self, most: int) -> str | None:
        """The reason why the new packages so far are too much, or None."""
        if short := self._space.shortage():
            return f"there was no room for the packages, as {short}; {disk.NEXT}"
        brought = (await asyncio.to_thread(walk, self._scratch)).bytes
        over = await self._space.over(most - brought)
        return f"the workspace would hold {over.plus(brought).words(self._quota)}; {NEXT}" if over else None

    def _job(self, command: list[str]) -> dict[str, Any]:
        return {
            "how": "command",
            "command": command,
            "cwd": environment.START,
            "env": self._environment,
            "limits": self._limits.as_json(),
            "timeout_s": max(0.1, self._deadline - monotonic()),
            "run_as": self.workspace.owner,
            # The programs' /tmp is not used either.
            **self._start.mounts(self._scratch / "tmp"),
        }


def _broken_command(target: Path, visible: Path | None, names: list[str]) -> list[str]:
    """The command that names packages which would lack a need for these names, when `target` comes before the
    present packages."""
    return [sys.executable, "-I", str(BROKEN_NEEDS), str(target), str(visible or target), *names]


def done(status: str, installed: list[str], message: str | None = None) -> dict[str, Any]:
    return {"type": "done", "status": status, "installed": installed, "message": message}


class _Reader(asyncio.StreamReader):
    """Says when there will be no more."""

    def __init__(self) -> None:
        super().__init__()
        self.ended = asyncio.Event()

    def feed_eof(self) -> None:
        super().feed_eof()
        self.ended.set()


async def _texts(fd: int) -> AsyncIterator[str]:
    """The installer's output as it comes."""
    reader = _Reader()
    loop = asyncio.get_running_loop()
    pipe = os.fdopen(fd, "rb", buffering=0)
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    try:
        while data := await reader.read(limits.BATCH_BYTES):
            if text := decoder.decode(data):
                yield text
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(reader.ended.wait(), GATHER_S)
    finally:
        transport.close()


def _beyond_limit(outcome: dict[str, Any], chosen: limits.Limits) -> str | None:
    """The words for an installer that was stopped, or None."""
    reason = outcome["reason"]
    if reason is None:
        return None
    if reason == "memory":
        what = beyond_memory(outcome, chosen)
    elif reason in ("processes", "threads"):
        what = f"had more {reason} than it may (it may have {chosen.processes} processes) and was stopped"
    else:
        return f"the installer was stopped ({reason}); call again"
    # Wheels are only unpacked; an installer that takes so much is building a package.
    return f"the installer {what}; name a version that has a wheel, or install fewer packages at once"


def _last_words(output: str) -> str:
    """The installer's reason, from its last line with `error`, shortened."""
    lines = [" ".join(line.split()) for line in output.splitlines() if line.strip()]
    starts = [i for i, line in enumerate(lines) if line.lower().startswith("error:")]
    chosen = lines[starts[-1] :] if starts else lines[-1:] or ["the installer said nothing"]
    return " ".join(chosen)[: MESSAGE_CHARS + 6].removeprefix("ERROR:").removeprefix("error:").strip()
