"""One run of a program: from its start to its `exit` event. Turns the program's output and reports into numbered
events, ends once."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from runner.packages import adoption
from runner.start.environment import for_program
from runner.start.launch import Launch, NotStarted, Start, stdin_of
from runner.workspace import manifest, program_file
from runner.workspace.files_now import FilesNow
from runner.workspace.folders import Workspace

from . import oom, outside
from .eventlog import EventLog
from .growth import Growth
from .output import Output
from .report import error_of, with_facts
from .request import RunRequest
from .spawn_loop import SpawnLoop


class Run:
    """A run. `ended` is set when every process is gone, the last event is in the log, which outlives the run, and
    nothing else of it is left on disk."""

    def __init__(
        self,
        request: RunRequest,
        workspace: Workspace,
        files: FilesNow,
        growth: Growth,
        known: Callable[[], Iterable[Run]],
        adopt: Callable[[Workspace, Path], Awaitable[list[str]]],
    ) -> None:
        self._adopt = adopt
        self._known = known  # all runs of the runner that are remembered
        self.span = manifest.Span(time.time_ns(), sys.maxsize, f"{outside.OUTPUTS}/{request.id}/")
        self.request = request
        self.workspace = workspace
        self.log = EventLog(workspace.runs)
        self.ended = asyncio.Event()
        self._begun = asyncio.Event()
        self.readers = 0
        self.pruned: list[str] = []  # outputs that the runner itself has removed meanwhile
        self.packages: Path | None = None
        self._folder = workspace.runs / request.id
        self._files = files
        self._before: manifest.Moment | None = None
        self._growth = growth
        self._printed = outside.PrintedPaths()
        self._spawn_loop = SpawnLoop()
        self._killed_before = oom.kills()
        self._output = Output(request.limits.output_bytes, self._emit)
        self._launch: Launch | None = None
        self._grace: asyncio.TimerHandle | None = None
        self._is_cancelled = False
        self._is_cut_off = False
        self._task: asyncio.Task[None] | None = None

    @property
    def has_started(self) -> bool:
        return self._task is not None

    async def start(self, start: Start, is_wanted: Callable[[], bool]) -> None:
        """Starts the program; NotStarted when nothing of it ran, nor ever will. `is_wanted` is asked at the last
        moment."""
        self.packages = start.packages
        self._before = before = await self._files.moment()
        try:
            main_file = self._write_program()
            own_packages = adoption.place(self.workspace, self._folder)
            uid = self.workspace.owner[0] if self.workspace.owner else os.getuid()
            window = outside.Window(uid, main_file.stat().st_ctime_ns)
            job = self._job(start, main_file, own_packages)
            stdin = stdin_of(self.request.stdin, self.workspace.runs)
            self._launch = launch = Launch(
                start,
                job,
                stdin,
                self.workspace.owner,
                False,
                lambda: self._is_quiet(before),
                lambda samples: self._emit({"type": "usage", "samples": samples}),
            )
            self._output.open("stdout", launch.stdout)
            self._output.open("stderr", launch.stderr)
            pid = await launch.wait_ready()
            paths = self._paths(main_file, start)
            if not is_wanted():
                raise NotStarted("its client has left")
            began_ms = time.time_ns() // 1_000_000  # before anything that it prints
            launch.begin()
        except (OSError, NotStarted) as error:
            self._clean_up()
            self.log.close()
            self.ended.set()
            raise NotStarted(error.strerror if isinstance(error, OSError) else f"{error}") from error
        watch = asyncio.ensure_future(self._growth.watch(self.cancel))
        self._task = asyncio.ensure_future(self._finish(launch, before, window, start.private, watch))
        self._emit({"type": "started", "at": began_ms, "pid": pid, "paths": paths})
        self._output.start()
        self._begun.set()

    def _write_program(self) -> Path:
        self._folder.mkdir(mode=0o755)
        return program_file.write(self.workspace, self._folder, self.request.code.encode("utf-8", "surrogatepass"))

    def _job(self, start: Start, main_file: Path, own_packages: Path) -> dict[str, Any]:
        return {
            "how": start.how,
            "cwd": str(self.workspace.files),
            "main": str(main_file),
            "packages": str(start.packages) if start.packages else None,
            "show_last": self.request.show_last,
            "env": for_program(
                self.workspace, start.packages, start.tmp, self.request.env, own_packages, self.request.package_lists
            ),
            "limits": self._growth.limits.as_json(),
            "timeout_s": self.request.timeout_s,
            "run_as": self.workspace.owner,
            "aliases": start.aliases,
            **start.mounts(self.workspace.tmp),
        }

    def _paths(self, main_file: Path, start: Start) -> dict[str, str | None]:
        """Paths in tracebacks, so that a reader can shorten them."""
        return {
            "main": os.readlink(main_file) if main_file.is_symlink() else str(main_file),
            "files": str(self.workspace.files),
            "packages": str(start.packages) if start.packages else None,
            "runner": str(Path(__file__).absolute().parents[1]),
        }

    def _emit(self, event: dict[str, Any]) -> None:
        if event["type"] in ("stdout", "stderr"):
            self._printed.add(event["type"], event["text"])
            if event["type"] == "stderr" and self._spawn_loop.add(event["text"]):
                self.cancel()
        self.log.append(event)
        if self.log.lost_to is not None:
            self.cancel()

    async def _finish(
        self,
        launch: Launch,
        before: manifest.Moment,
        window: outside.Window,
        private: frozenset[str],
        watch: asyncio.Task[None],
    ) -> None:
        result = await launch.result
        watch.cancel()
        program_file.remove(self._folder)
        self.span = self.span._replace(until=time.time_ns())
        self._output.finish()
        if result is None:
            print("runner: the monitor of a run died; the run is lost", file=sys.stderr)
        else:
            installed = await self._adopt(self.workspace, self._folder / adoption.FOLDER)
            room = await self._growth.look()
            outside_cut = await outside.collect(self._printed, self.workspace, self.request.id, window, private, room)
            changes, files_cut = await self._changes(before, self.span)
            for change in changes:
                self._emit({"type": "file", **change})
            self._emit(self._exit_event(launch, result, files_cut or outside_cut, installed))
        self.log.end()
        await asyncio.sleep(0)  # who reads along sends the end, and waits for no tidying
        self._clean_up()
        self._let_go()
        self.ended.set()

    def _let_go(self) -> None:
        """Drops all that takes memory: an ended run is remembered for a while. Late readers read its log, which is
        on disk."""
        self.request = replace(self.request, code="", files={}, stdin=None, env={}, package_lists={})
        self._printed, self._spawn_loop = outside.PrintedPaths(), SpawnLoop()
        self._output, self._launch = Output(0, self._emit), None
        self.pruned = []

    async def _is_quiet(self, before: manifest.Moment) -> bool:
        """Returns whether the program has printed nothing on stdout and changed no file so far."""
        await self._begun.wait()  # a short program asks before its start has been told
        self._output.catch_up()
        if self._output.counts()["stdout"]:
            return False
        span = self.span._replace(until=time.time_ns())
        changes, cut = await self._changes(before, span)
        return not changes and not cut

    async def _changes(self, before: manifest.Moment, span: manifest.Span) -> tuple[list[dict[str, Any]], bool]:
        paths, now = await self._files.since(before)
        return manifest.changes(before.manifest, now, paths, self.workspace.files, span, self._others(), self.pruned)

    def _others(self) -> list[manifest.Span]:
        """The runs in the same folder that went on at some time while this one did."""
        return [
            run.span
            for run in self._known()
            if run is not self and run.span.until >= self.span.since and run.workspace.files == self.workspace.files
        ]

    def _exit_event(
        self, launch: Launch, result: dict[str, Any], files_cut: bool, installed: list[str]
    ) -> dict[str, Any]:
        folders = [self.workspace.files, self.workspace.tmp]
        error = error_of(result, self.request, launch.read_report(), self.log.lost_to, folders)
        beyond = self._growth.error(result["reason"], error)
        if beyond is None and result["reason"] == "cancelled" and self._spawn_loop.seen:
            beyond = self._spawn_loop.error()
        error = beyond or error
        connected = bool(error and error.pop("connected", False))
        if error and (oom.kills() or 0) > (self._killed_before or 0):
            error = with_facts(error, {"out_of_memory": 1})
        status = "success" if result["exit_code"] == 0 else "error"
        if result["reason"] in ("memory", "processes", "threads") or self.log.lost_to is not None or beyond:
            status = "error"
        elif result["reason"]:
            status = "lost" if self._is_cut_off and result["reason"] == "cancelled" else result["reason"]
        return {
            "type": "exit",
            "status": status,
            "exit_code": result["exit_code"],
            "signal": _signal_name(result["signal"]) if result["signal"] else None,
            **({"error": error} if error and status != "success" else {}),
            "usage": result["usage"],
            "bytes": self._output.counts(),
            "cut": self._output.cut or self.log.lost_to is not None,
            **({"files_cut": True} if files_cut else {}),
            **({"installed": installed} if installed else {}),
            **({"left": result["left"]} if result["left"] else {}),
            **({"connected": True} if connected else {}),
            **self._growth.as_json(),
        }

    def cancel(self) -> None:
        """Begins the end of the process tree, if it has not ended."""
        self._is_cancelled = True
        if self._launch:
            self._launch.end()

    def cut_off(self) -> None:
        """Cancels because the runner ends, when nobody has asked for it."""
        self._is_cut_off = self._is_cut_off or not self._is_cancelled
        self.cancel()

    def attach(self) -> None:
        self.readers += 1
        if self._grace:
            self._grace.cancel()
            self._grace = None

    def detach(self) -> None:
        """Notes that a reader left. The last one's leaving starts the orphan grace."""
        self.readers -= 1
        if self.readers == 0 and not self.ended.is_set():
            self._grace = asyncio.get_running_loop().call_later(self.request.orphan_grace_s, self.cancel)

    def _clean_up(self) -> None:
        if self._before:
            self._files.drop(self._before)
            self._before = None
        if self._grace:
            self._grace.cancel()
        self._output.close()
        if self._launch:
            self._launch.close()
        if self._folder.is_dir():
            program_file.remove(self._folder)
        try:
            os.rmdir(self._folder / adoption.FOLDER)  # most programs have installed nothing
            os.rmdir(self._folder)
        except OSError:
            shutil.rmtree(self._folder, ignore_errors=True)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"SIG{number}"  # a real-time signal
