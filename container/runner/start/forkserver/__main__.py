"""A single-threaded process from which programs are started: `python -m runner.start.forkserver FD NAME` with a
JSON line of settings on stdin. It forks a monitor for each request; the monitor's child becomes the program."""

from __future__ import annotations

import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runner.program import child

from . import become, isolation, monitor
from .messages import receive_bytes, send_bytes, send_message

THREAD_END_S = 0.5  # one that a module has told to end
SPARE_DELAY_MS = 2  # lets the new program have the processor first


def main() -> None:
    """Serves until the runner closes its end, then waits for the monitors that still watch a program."""
    control = socket.socket(fileno=int(sys.argv[1]))
    control.set_inheritable(False)
    settings = json.loads(sys.stdin.readline())
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    own = {str(Path(__file__).parents[3])}
    sys.path[:] = [entry for entry in sys.path if entry not in own]
    threaded_by = preload(settings["preload"], settings["packages"])
    answer: dict[str, Any] = {"ready": True, "threaded_by": threaded_by}
    if settings.get("probe"):
        answer["isolation"] = isolation.probe(settings["mounts"], settings["memory"])
        settings["namespace"] = answer["isolation"]["namespace"]
    child.get_forks_ready()
    os.environ.clear()  # each program gets its own
    isolation.hide_memory()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal is for the runner
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps the monitors
    gc.collect()
    gc.freeze()
    try:
        send_message(control, answer)
    except BrokenPipeError:
        os._exit(0)  # the runner ended meanwhile
    program = serve(control, settings["namespace"])
    if program:
        child.become_program(program.main_file, program.packages, program.report_fd, program.show_last)
    try:
        os.wait()  # with SIGCHLD ignored it returns when the last monitor has ended
    except ChildProcessError:
        pass  # the system says so with this error
    os._exit(0)


def preload(names: list[str], packages: str | None) -> str | None:
    """Imports the modules that can be imported; an import that fails here fails again, and is shown, in the
    program. Returns the name of the first module that leaves a thread behind: a fork would lose the thread and keep
    its locks, so nothing may be forked."""
    if packages:
        child.arrange_path(None, packages)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in names:
            try:
                importlib.import_module(name)
            except Exception as error:
                print(f"runner: cannot preload {name}: {type(error).__name__}", file=sys.stderr)
            if _leaves_a_thread():
                return name
    return None


def serve(control: socket.socket, namespace: str | None) -> become.Program | None:
    """Hands each request to a monitor. Returns None when the runner is gone, a program in the process to become it.
    One monitor is made ahead, with its namespace and the process that waits to be the program: forking takes longer
    than everything else about a start."""
    spare: Spare | None = None
    idle = select.poll()
    idle.register(control, select.POLLIN)
    while True:
        if spare is None and not idle.poll(SPARE_DELAY_MS):
            made = make_spare(control, namespace)
            if isinstance(made, become.Program):
                return made
            spare = made
        request = receive_bytes(control)
        if request is None:
            return None
        job, descriptors = request
        if spare is None or not spare.take(job, descriptors):
            made = make_spare(control, namespace)
            if isinstance(made, become.Program):
                return made
            # If this one does not take it either, closing the descriptors tells that nothing was started.
            if made:
                made.take(job, descriptors)
        spare = None
        for fd in descriptors:
            os.close(fd)


@dataclass
class Spare:
    """The fork server's ends to a monitor and to the process below it that will be the program."""

    to_monitor: socket.socket
    to_program: socket.socket

    def take(self, job: bytes, descriptors: list[int]) -> bool:
        """Gives a run to it; false when it is dead."""
        stdin, stdout, stderr, status, life, report = descriptors
        try:
            with self.to_monitor, self.to_program:
                send_bytes(self.to_monitor, job, [status, life])
                send_bytes(self.to_program, job, [stdin, stdout, stderr, report])
        except OSError:
            return False
        return True


def make_spare(control: socket.socket, namespace: str | None) -> Spare | become.Program | None:
    """Forks a monitor. A Program in the process that is to become one, None when nothing can be forked."""
    to_monitor, monitor_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    to_program, program_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    spare = Spare(to_monitor, to_program)
    try:
        pid = isolation.fork(namespace)
    except OSError as error:
        print(f"runner: cannot fork: {error.strerror}", file=sys.stderr)
        pid = -1
    if pid == 0:
        for end in (control, to_monitor, to_program):
            end.close()
        return monitor.watch(namespace, monitor_end, program_end)
    monitor_end.close()
    program_end.close()
    return spare if pid > 0 else None


def _leaves_a_thread() -> bool:
    """Returns whether a thread is left. One that is about to end, such as a timer that was cancelled, gets its
    moment."""
    deadline = time.monotonic() + THREAD_END_S
    while _threads() > 1:
        if time.monotonic() > deadline:
            return True
        time.sleep(0.01)
    return False


def _threads() -> int:
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        return 1  # no /proc: only threads that Python itself started could be counted, and there are none


if __name__ == "__main__":
    main()
