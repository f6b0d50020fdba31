"""One process for each run, forked from a fork server: starts the program, owns its deadline, limits and
end, and reports over the status descriptor. It is the first process of a namespace where there can be one. The
program's own process returns from `watch` and becomes the program."""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import socket
import time
import traceback
from dataclasses import dataclass
from typing import Any

from runner.bounds import limits
from runner.workspace import shared_memory

from . import become, isolation, leftover, processes
from .messages import receive_message
from .meter import Meter, Sample


@dataclass
class Ending:
    """Reason why the tree is being ended; `since` starts the grace between TERM and KILL."""

    reason: str
    since: float


def watch(namespace: str | None, jobs: socket.socket, program_jobs: socket.socket) -> become.Program | None:
    """Makes a process that waits to be a program, then waits for the job. Returns in the process that shall become the
    program; the monitor itself never returns."""
    os.setsid()
    ours, theirs = os.pipe()
    wake = _wake_on_child_end()
    program, outside, proc, failure = 0, -1, None, None
    try:
        if namespace:
            outside = _open_folder("/proc")
            isolation.settle_in(namespace)
            proc = _open_folder("/proc")
        else:
            isolation.become_subreaper()
        program = os.fork()
    except OSError as error:
        failure = f"{error.strerror}"
    if program == 0 and not failure:
        os.close(ours)
        jobs.close()
        _no_wake(wake)
        return become.wait_for_job(outside, program_jobs, theirs)
    isolation.hide_memory()
    os.close(theirs)
    program_jobs.close()
    if outside >= 0:
        os.close(outside)
    try:
        request = receive_message(jobs)
        if request:
            jobs.close()
            job, (status, life) = request
            if failure:
                _report(status, {"failed": failure})
            else:
                _Watch(job, proc, program, ours, status, life, wake[0]).run()
    except BaseException:
        traceback.print_exc()
    _end_all(in_namespace=proc is not None)
    os._exit(0)


def _open_folder(path: str) -> int:
    return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)


def _end_all(in_namespace: bool) -> None:
    """Kills and reaps every process but this one."""
    if in_namespace:
        processes.end_namespace()
    else:
        processes.end_all_children()


class _Watch:
    """The monitor's own loop, from the first process to the last."""

    def __init__(
        self,
        job: become.Job,
        proc: int | None,
        program: int,
        messages: int,
        status: int,
        life: int,
        wake: int,
    ) -> None:
        self.job = job
        self.in_namespace = proc is not None
        self.limits = limits.Limits(**job["limits"])
        self.meter = Meter(self.limits, job["run_as"], proc)
        self.program = program
        self.is_ready = False  # the program waits for the word to begin, or has begun
        self.messages = messages
        self.status = status
        self.life = life
        self.wake = wake
        self.started_at = 0.0
        self.ending: Ending | None = None
        self.wait_status: int | None = None
        self.left: list[dict[str, Any]] = []  # servers that outlived the program
        self.deadline = float("inf")

    def run(self) -> None:
        poll = select.poll()
        for fd in (self.messages, self.life, self.wake):
            poll.register(fd, select.POLLIN | select.POLLHUP)
        while not self._ended():
            due = min(self.meter.next_look, self.deadline, self._kill_at())
            wait = None if due == float("inf") else max(0, min(due - time.monotonic(), 3600))
            ready = dict(poll.poll(None if wait is None else wait * 1000))
            if self.messages in ready and not self._take_messages():
                poll.unregister(self.messages)
            if self.life in ready:
                if os.read(self.life, 1):
                    self._began(time.monotonic())
                else:
                    poll.unregister(self.life)
                    self._end("cancelled")
            self._act(time.monotonic())
        self._finish()

    def _ended(self) -> bool:
        """Reaps; true when the program has ended."""
        try:
            os.read(self.wake, 512)
        except BlockingIOError:
            pass  # woken by something else
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return True
            if pid == self.program:
                self._take_messages()
                self.wait_status = status
                return True
            if pid == 0:
                return False

    def _take_messages(self) -> bool:
        """Of the process that is to be the program; false when it will say no more."""
        data = os.read(self.messages, 4096)
        for line in data.splitlines():
            message = json.loads(line)
            if "ready" in message:
                self._ready(message)
            else:
                _report(self.status, message)
        return bool(data)

    def _ready(self, message: dict[str, Any]) -> None:
        """Notes that the program waits for the runner's word to begin."""
        self.is_ready = True
        self.started_at = time.monotonic()
        if self.job["how"] == "fork":
            self.meter.set_start(processes.Start(*message["start"]))
        if self.in_namespace and self.job["own_memory"]:
            self.meter.set_memory(_open_folder(shared_memory.SHARED_MEMORY))
        _report(self.status, {"ready": message["ready"]})

    def _began(self, now: float) -> None:
        self.started_at = now
        self.deadline = now + self.job["timeout_s"]
        self.meter.begin(now)

    def _act(self, now: float) -> None:
        if now >= self.deadline:
            self.deadline = float("inf")
            self._end("timeout")
        if self.ending and now >= self._kill_at():
            self._kill(self.ending)
        if now >= self.meter.next_look and (exceeded := self.meter.look()):
            self._end(exceeded)
        self._tell_samples(self.meter.samples())

    def _tell_samples(self, samples: list[Sample]) -> None:
        if samples:
            _report(self.status, {"samples": samples})

    def _end(self, reason: str) -> None:
        if self.ending:
            return
        self.ending = ending = Ending(reason, time.monotonic())
        if reason in ("timeout", "cancelled") and self.is_ready:
            processes.send_group(self.program, signal.SIGTERM)
        else:
            self._kill(ending)

    def _kill_at(self) -> float:
        return self.ending.since + limits.TERM_GRACE_S if self.ending else float("inf")

    def _kill(self, ending: Ending) -> None:
        """Kills the program. The loop sees its end, and `_finish` ends the rest."""
        ending.since = float("inf")
        if self.in_namespace:
            processes.kill_namespace()
            return
        if self.is_ready:
            processes.send_group(self.program, signal.SIGKILL)
        processes.send(self.program, signal.SIGKILL)

    def _finish(self) -> None:
        ended_at = time.monotonic()
        if self.is_ready and processes.reap_any():
            self.left = leftover.servers(self.meter.pids(), self.program)
            if not self.in_namespace:
                processes.send_group(self.program, signal.SIGKILL)
        _end_all(self.in_namespace)
        if not self.is_ready:
            return
        shared = self.meter.shared_bytes()
        if shared > self.limits.memory_bytes and not self.ending:
            self.ending = Ending("memory", ended_at)  # it filled the file system faster than it was looked at
        self._tell_samples(self.meter.samples(ended_at))
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        exit_code = os.waitstatus_to_exitcode(self.wait_status or 0)
        _report(
            self.status,
            {
                "exit_code": exit_code if exit_code >= 0 else None,
                "signal": -exit_code if exit_code < 0 else None,
                "reason": self.ending.reason if self.ending else None,
                "left": [] if self.ending else self.left,
                "shared_bytes": shared,
                "full_memory_bytes": self.meter.full_memory_bytes(),
                "usage": {
                    "wall_ms": round((ended_at - self.started_at) * 1000),
                    "cpu_ms": self.meter.cpu_ms((used.ru_utime + used.ru_stime) * 1000),
                    "max_rss_bytes": self.meter.own_memory(used.ru_maxrss),
                },
            },
        )


def _wake_on_child_end() -> tuple[int, int]:
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    return reading, writing


def _no_wake(wake: tuple[int, int]) -> None:
    signal.set_wakeup_fd(-1)
    for fd in wake:
        os.close(fd)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)


def _report(status: int, message: dict[str, Any]) -> None:
    try:
        os.write(status, json.dumps(message).encode() + b"\n")
    except BrokenPipeError:
        pass  # the runner is gone; closing `life` has said so already, and the tree ends
