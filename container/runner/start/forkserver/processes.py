"""The processes of one run from /proc: their ids, their resource use, and their end."""

from __future__ import annotations

import os
import resource
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field

KILL_PATIENCE_S = 5.0  # a process in an uninterruptible wait must not hold up the run's end for ever


@dataclass
class Usage:
    processes: int = 0
    threads: int = 0
    memory_bytes: int = 0
    resident: list[int] = field(default_factory=list[int])  # bytes of each process, without files


# Of a second, as /proc counts a process's time.
TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Start:
    """Memory that a forked program has from its fork server when it begins."""

    rss_bytes: int = 0
    resident_bytes: int = 0

    def own(self, resident: int) -> int:
        """Bytes of a process without the fork server's."""
        return resident - self.resident_bytes if resident >= self.resident_bytes else resident

    def shared_by(self, usage: Usage) -> int:
        """Bytes of the fork server's in a sum: once for each process that was forked, not for one that executes
        another program, which has less."""
        return self.resident_bytes * sum(size >= self.resident_bytes for size in usage.resident)


def own_start() -> tuple[int, int]:
    """What `Start` has, of this process; nothing where there is no /proc."""
    try:
        with open("/proc/self/status", "rb") as file:
            text = file.read()
    except OSError:
        return 0, 0
    return _field(text, b"\nVmRSS:") * 1024, _resident(text)


class Tree:
    """All processes below one process. With `namespace_proc`, a descriptor of the /proc of their own pid namespace,
    these are simply its processes; without, the lists of children are walked. `shared`: the bytes of their files in
    memory (/dev/shm), whether a process has them mapped or not."""

    def __init__(self, top: int, namespace_proc: int | None = None, shared: Callable[[], int] = lambda: 0) -> None:
        self._top = top
        self._proc = namespace_proc
        self.shared = shared

    def pids(self, enough: float = float("inf"), stop: bool = False) -> list[int]:
        """The tree without its top; numbers are those of the namespace's own /proc if there is one. Looks for no more
        when there are `enough`. `stop`, without a namespace: sends SIGSTOP to each before its children are looked
        for."""
        if self._proc is not None:
            return [int(name) for name in os.listdir(self._proc) if name.isdecimal() and name != "1"]
        found: list[int] = []
        queue = [self._top]
        while queue and len(found) < enough:
            for child in children(queue.pop()):
                if stop:
                    send(child, signal.SIGSTOP)
                found.append(child)
                queue.append(child)
        return found

    def usage(self, most: int) -> Usage:
        """Resident private and shared-anonymous memory, summed, and files in memory. Pages shared by forks count
        once for each process, and those of mapped files once more. More than `most` processes are only counted, and
        not to the last: a fork bomb grows while it is looked at."""
        pids = self.pids(most + 1)
        if len(pids) > most:
            return Usage(processes=len(pids))
        total = Usage(memory_bytes=self.shared())
        for pid in pids:
            text = self._read(pid, "status")
            if text:
                total.processes += 1
                total.threads += _field(text, b"\nThreads:")
                total.resident.append(_resident(text))
                total.memory_bytes += total.resident[-1]
        return total

    def cpu_ms(self) -> float:
        """Milliseconds of the processor that the processes have taken, those included that have ended."""
        reaped = resource.getrusage(resource.RUSAGE_CHILDREN)
        ticks = 0
        for pid in self.pids():
            # Its name, in brackets, may hold anything. Its own time and that of its children, in user and kernel mode.
            fields = self._read(pid, "stat").rpartition(b")")[2].split()
            ticks += sum(map(int, fields[11:15]))
        return (reaped.ru_utime + reaped.ru_stime) * 1000 + ticks * TICK_MS

    def exact_memory(self, start: Start) -> int:
        """The memory as in `usage().memory_bytes`, with shared pages shared out; slow, asked only when the sum is
        beyond the limit. Shared memory is mapped files in memory, for the most part: of both sums the larger one
        counts. Where the kernel does not tell (root in a container, about another user's process), the memory of a
        fork at its start counts as shared."""
        total, mapped = 0, 0
        for pid in self.pids():
            text = self._read(pid, "smaps_rollup")
            if text:
                total += _field(text, b"\nPss_Anon:") * 1024
                mapped += _field(text, b"\nPss_Shmem:") * 1024
            else:
                total += start.own(_resident(self._read(pid, "status")))  # hidden, or it ended
        return total + max(mapped, self.shared())

    def _read(self, pid: int, name: str) -> bytes:
        try:
            if self._proc is None:
                file = os.open(f"/proc/{pid}/{name}", os.O_RDONLY)
            else:
                file = os.open(f"{pid}/{name}", os.O_RDONLY, dir_fd=self._proc)
        except OSError:
            return b""  # it ended since it was listed
        try:
            return os.read(file, 4096)
        except OSError:
            return b""  # likewise
        finally:
            os.close(file)


def children(pid: int) -> list[int]:
    """The direct children of a process, whichever of its threads forked them."""
    found: list[int] = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children", "rb") as file:
                found.extend(map(int, file.read().split()))
    except OSError:
        return found  # it ended since it was listed, or there is no /proc here
    return found


def end_all_children() -> None:
    """Kills and reaps everything below this process, which must be a subreaper for it to be complete."""
    tree = Tree(os.getpid())
    give_up = time.monotonic() + KILL_PATIENCE_S
    while reap_any() and time.monotonic() < give_up:
        pids = tree.pids(stop=True)  # a fork bomb must not outrun the killing
        for pid in tree.pids() or pids:
            send(pid, signal.SIGKILL)
        time.sleep(0.001)


def end_namespace() -> None:
    """Kills and reaps all other processes of a namespace, for its first one. Reaped by the kernel, at the end of
    the namespace, they would have used nothing."""
    give_up = time.monotonic() + KILL_PATIENCE_S
    while reap_any() and time.monotonic() < give_up:
        kill_namespace()
        time.sleep(0.001)


def kill_namespace() -> None:
    """Kills every process of the namespace but its first, which calls this."""
    try:
        os.kill(-1, signal.SIGKILL)
    except ProcessLookupError:
        pass  # there is none


def reap_any() -> bool:
    """Reaps ended children; false when there are none left, ended or running."""
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return False
        if pid == 0:
            return True


def send(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass  # it ended by itself
    except PermissionError:
        pass  # a set-uid program: the container's or the user's own matter


def send_group(group: int, number: int) -> None:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        pass  # the whole group ended by itself
    except PermissionError:
        pass  # as above (macOS also says this of a group of zombies)


def _resident(status: bytes) -> int:
    return (_field(status, b"\nRssAnon:") + _field(status, b"\nRssShmem:")) * 1024


def _field(text: bytes, name: bytes) -> int:
    start = text.find(name)
    return int(text[start + len(name) :].split(None, 1)[0]) if start >= 0 else 0
