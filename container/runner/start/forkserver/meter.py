"""Resource use of one run's processes, and their limits: looked at again and again while it goes on, and summed up
at its end."""

from __future__ import annotations

import functools
import os
import resource
import sys
import time
from typing import TypedDict

from runner.bounds import limits, threads
from runner.workspace import shared_memory

from . import processes


class Sample(TypedDict):
    """Use at a moment. `ms`: since the program's start; `cpu_ms`: of all processes until then; `memory_bytes`: the most
    since the sample before."""

    ms: int
    cpu_ms: int
    memory_bytes: int
    processes: int


class Meter:
    """Counts the processes below this one. `owner`: the programs' user, if that is one of their own. `proc`: the /proc
    of their namespace, if they have one."""

    def __init__(self, chosen: limits.Limits, owner: tuple[int, int] | None, proc: int | None) -> None:
        self.next_look = float("inf")
        self._limits = chosen
        self._owner = owner
        self._memory: int | str = shared_memory.SHARED_MEMORY
        self._tree = processes.Tree(os.getpid(), proc, self._shared_by_user)
        self._peak_bytes = 0
        self._start = processes.Start()
        self._count = 0  # of processes, at the last look
        self._grown_at = 0.0
        self._spent = time.process_time()  # until the last look, of the processor
        self._began_at = 0.0
        self._cpu_ms = 0  # of all processes, as far as was seen
        self._recent_bytes = 0  # most memory since the last sample, without the fork server's
        self._samples: list[Sample] = []  # not told yet
        self._next_sample = self._next_telling = float("inf")

    def set_memory(self, memory: int) -> None:
        """Sets the /dev/shm of their own that the processes have."""
        self._memory = memory
        self._tree.shared = functools.partial(shared_memory.used, memory)

    def set_start(self, start: processes.Start) -> None:
        """What a fork has before it begins, which is the fork server's."""
        self._start = start

    def begin(self, now: float) -> None:
        self.next_look = now + limits.WATCH_INTERVAL_S
        self._began_at = now
        self._next_sample, self._next_telling = now + limits.SAMPLE_S, now + limits.TELL_SAMPLES_S

    def samples(self, ended_at: float | None = None) -> list[Sample]:
        """The use since the last time that this gave some, when it is time to tell it; at the end of a program that was
        not a short one all that is left. They come the more rarely the longer the program goes on, so all of a run's
        are some hundreds."""
        now = time.monotonic()
        due = self._next_telling if ended_at is None else self._began_at + limits.TELL_SAMPLES_S
        if (ended_at or now) < due or not self._samples:
            return []
        self._next_telling = now + limits.TELL_SAMPLES_S
        told, self._samples = self._samples, []
        return told

    def look(self) -> str | None:
        """The limit that is exceeded, if one is: `processes`, `threads` or `memory`."""
        exceeded = self._exceeded()
        # A crowded tree takes longer to look at: at most a twentieth of the time is spent so. Waiting for a busy
        # processor does not count, or a fork bomb would put off the look that ends it.
        spent, self._spent = time.process_time() - self._spent, time.process_time()
        now = time.monotonic()
        self.next_look = now + max(limits.WATCH_INTERVAL_S, 20 * spent)
        if now >= self._next_sample and self._count and not exceeded:
            self._take_sample(now)
        return exceeded

    def _take_sample(self, now: float) -> None:
        age = now - self._began_at
        self._next_sample = now + max(limits.SAMPLE_S, age * limits.SAMPLE_PART)
        self._samples.append(
            {
                "ms": round(age * 1000),
                "cpu_ms": self.cpu_ms(self._tree.cpu_ms()),
                "memory_bytes": self._with_interpreter(self._recent_bytes),
                "processes": self._count,
            }
        )
        self._recent_bytes = 0

    def cpu_ms(self, counted: float) -> int:
        """Milliseconds of the processor until now. Not less than was seen before: of children that nobody waits for
        (SIGCHLD is ignored) the kernel drops the time when they end."""
        self._cpu_ms = max(self._cpu_ms, round(counted))
        return self._cpu_ms

    def pids(self) -> list[int]:
        return self._tree.pids()

    def shared_bytes(self) -> int:
        """The bytes of the files in memory that the processes have."""
        return self._tree.shared()

    def full_memory_bytes(self) -> int | None:
        """The size of /dev/shm, if it is full."""
        return shared_memory.size_if_full(self._memory)

    def own_memory(self, peak_rss: int) -> int:
        """The program's own peak memory, with an interpreter's, without the part that it shares with the fork
        server. `peak_rss`: of the largest process, as the kernel kept it, which for a process that was forked
        begins with the fork server's."""
        unit = 1 if sys.platform == "darwin" else 1024
        peak_bytes = peak_rss * unit
        if self._start.rss_bytes:
            return max(peak_bytes - self._start.rss_bytes, self._peak_bytes) + limits.INTERPRETER_BYTES
        # The process began as a copy of the server, too, before it executed an interpreter.
        server = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
        return max(peak_bytes if peak_bytes > server + limits.MIB else 0, self._peak_bytes, limits.INTERPRETER_BYTES)

    def _with_interpreter(self, own_bytes: int) -> int:
        """`own_bytes` of a fork lack the interpreter's memory, which it has from the fork server."""
        least = limits.INTERPRETER_BYTES
        return own_bytes + least if self._start.rss_bytes else max(own_bytes, least)

    def _exceeded(self) -> str | None:
        most = self._limits.processes
        usage = self._tree.usage(most)
        if usage.processes > most:
            return "processes"
        own = usage.memory_bytes - self._start.shared_by(usage)
        self._peak_bytes = max(self._peak_bytes, min(own, self._limits.memory_bytes))
        self._recent_bytes = max(self._recent_bytes, min(own, self._limits.memory_bytes))
        if usage.processes > self._count:
            self._grown_at = time.monotonic()
        self._count = usage.processes
        # An exact look has to wait for processes that are just forking, and a fork bomb would hold it up. So while the
        # number of processes grows, their part of the fork server's memory counts as shared.
        grows = time.monotonic() - self._grown_at < limits.GROWS_S
        counted = own + self._start.resident_bytes if grows else usage.memory_bytes
        if usage.threads > threads.most(most):
            return "threads"
        if counted > self._limits.memory_bytes:
            exact = self._tree.exact_memory(self._start)
            if exact > self._limits.memory_bytes:
                self._peak_bytes = max(self._peak_bytes, exact)
                return "memory"
        return None

    def _shared_by_user(self) -> int:
        """Bytes of the programs' user in /dev/shm, without one of their own."""
        return shared_memory.of_user(self._owner[0], [shared_memory.SHARED_MEMORY]) if self._owner else 0
