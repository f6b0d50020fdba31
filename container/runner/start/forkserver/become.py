"""Makes a forked process a program's process: descriptors, limits, user, folder, environment; then exec or return."""

from __future__ import annotations

import fcntl
import json
import os
import resource
import select
import signal
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runner.bounds import limits, threads
from runner.program import child
from runner.workspace import shared_memory

from . import isolation, processes
from .messages import receive_message

# High numbers: a program that writes to descriptors 3 to 20 finds them closed, as in any interpreter.
REPORT_FD = 250
MESSAGES_FD = 251
PLAIN_FILE = Path(__file__).parents[2] / "program" / "plain.py"
# Signals that a shell, `nohup` or this runner may have changed; those that an interpreter ignores by itself stay
# ignored.
DEFAULT_SIGNALS = (
    *(signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM, signal.SIGCHLD, signal.SIGALRM, signal.SIGUSR1, signal.SIGUSR2),
    *(signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU, signal.SIGCONT),
)


Job = dict[str, Any]  # as `Run` and `Installation` write it: JSON, made and read by the runner only


@dataclass(frozen=True)
class Program:
    """The program of the process, once `prepare` has made it the program's own."""

    main_file: str
    packages: str | None
    report_fd: int
    show_last: str


def wait_for_job(outside: int, jobs: socket.socket, messages: int) -> Program | None:
    """Returns in the process that shall become the program, prepared for it; nowhere else. `outside`: the /proc around
    its namespace, -1 when it has none."""
    try:
        namespace = outside >= 0
        if not namespace:
            isolation.die_with_parent()
        os.setsid()
        isolation.hide_memory(False)
        _reset_signals()
        start = processes.own_start() if _has_come(jobs) else rehearse()
        request = receive_message(jobs)
        if request is None:
            os._exit(0)
        jobs.close()
        job, descriptors = request
        if namespace:
            _mount(job)
        # The runner knows a process of the namespace by another number.
        pid = int(os.readlink("self", dir_fd=outside)) if namespace else os.getpid()
        ready = {"ready": pid, "start": start}
        return prepare(job, descriptors, messages, ready, die_with_parent=not namespace)
    except BaseException as error:
        words = error.strerror if isinstance(error, OSError) else None
        _say(messages, {"failed": words or f"{type(error).__name__}: {error}"[:500]})
        os._exit(1)


def _has_come(jobs: socket.socket) -> bool:
    return bool(select.select([jobs], [], [], 0)[0])


def rehearse() -> tuple[int, int]:
    """Does ahead what every start does, as `child.rehearse`; returns what a `Start` has."""
    child.rehearse()
    sample = {
        "limits": limits.Limits().as_json(),
        "env": {"LANG": "C.UTF-8"},
        "cwd": "/",
        "mounts": {},
        "packages": None,
    }
    job = json.loads(json.dumps(sample))
    limits.Limits(**job["limits"])
    resource.getrlimit(resource.RLIMIT_CORE)
    os.environ.update(job["env"])
    os.environ.clear()
    return processes.own_start()


def _say(messages: int, message: dict[str, Any]) -> None:
    os.write(messages, json.dumps(message).encode() + b"\n")


def _mount(job: Job) -> None:
    for place, folder in job["mounts"].items():
        isolation.mount_folder(folder, place)
    for place, folder in job.get("aliases", {}).items():
        isolation.mount_alias(folder, place)
    if job["own_memory"]:
        # Empty. It has more room than the program may use: so that the program is ended, and told its limit, rather
        # than that it meets a full file system.
        most_bytes = int(limits.OWN_MEMORY * job["limits"]["memory_bytes"])
        isolation.mount_memory(shared_memory.SHARED_MEMORY, most_bytes, limits.OWN_MEMORY_FILES)


def prepare(
    job: Job, descriptors: list[int], messages: int, ready: dict[str, Any], die_with_parent: bool
) -> Program | None:
    """Makes this process the program's, and waits for the runner's word that it may begin. Returns for a start by
    fork; for a plain start it becomes another interpreter."""
    _arrange_descriptors(descriptors, messages)
    # The watchers of a program must get a processor before it, however many processes it makes.
    os.nice(limits.NICE_OWN_USER if job["run_as"] else limits.NICE)
    _set_limits(limits.Limits(**job["limits"]), own_user=job["run_as"] is not None)
    os.umask(0o022)
    if job["run_as"]:
        _drop_privileges(*job["run_as"])
        # a change of user hides it again, and with it the program's own /proc/self
        isolation.hide_memory(False)
    if die_with_parent:
        isolation.die_with_parent()  # after the change of user, which clears it
    isolation.forbid_new_privileges()
    os.chdir(job["cwd"])
    if job["how"] == "command":
        _wait_to_begin(ready)
        os.execve(job["command"][0], job["command"], job["env"])
    program = Program(job["main"], job["packages"], REPORT_FD, job["show_last"])
    if job["how"] == "plain":
        os.set_inheritable(REPORT_FD, True)
        arguments = [
            sys.executable,
            str(PLAIN_FILE),
            str(REPORT_FD),
            program.main_file,
            program.packages or "",
            program.show_last,
        ]
        _wait_to_begin(ready)
        os.execve(sys.executable, arguments, job["env"])
    os.environ.clear()
    os.environ.update(job["env"])
    time.tzset()
    _wait_to_begin(ready)
    return program


def _wait_to_begin(ready: dict[str, Any]) -> None:
    """The last message before the program, and the runner's answer to it, without which nothing of the program runs: a
    runner that has not heard of the start, or has given it up, may start the program again. Afterwards nothing of ours
    is open but the error report."""
    _say(MESSAGES_FD, ready)
    os.close(MESSAGES_FD)
    if not os.read(REPORT_FD, 1):
        os._exit(0)  # given up, or the runner has ended
    # a full report must not block the program's end
    fcntl.fcntl(REPORT_FD, fcntl.F_SETFL, os.O_WRONLY | os.O_NONBLOCK)


def _reset_signals() -> None:
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    for number in DEFAULT_SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _arrange_descriptors(descriptors: list[int], messages: int) -> None:
    *streams, report = descriptors
    os.dup2(report, REPORT_FD, inheritable=False)
    os.dup2(messages, MESSAGES_FD, inheritable=False)
    for target, fd in enumerate(streams):
        os.dup2(fd, target)
    os.closerange(3, REPORT_FD)
    os.closerange(MESSAGES_FD + 1, 1 << 20)


def _set_limits(chosen: limits.Limits, own_user: bool) -> None:
    wanted = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: chosen.open_files,
        resource.RLIMIT_FSIZE: chosen.file_bytes,
    }
    if own_user:
        # Counts the threads of all runs of this user: a backstop only. The monitor enforces the limit itself.
        most = chosen.processes * limits.THREADS_PER_PROCESS_LIMIT
        wanted[resource.RLIMIT_NPROC] = threads.within_group(max(4096, most))
    for which, value in wanted.items():
        hard = resource.getrlimit(which)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (value, value))
    try:
        score = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
        os.write(score, b"1000")
        os.close(score)
    except OSError:
        # without it the kernel may pick another process first when memory runs out; nothing else is lost
        pass


def _drop_privileges(uid: int, gid: int) -> None:
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
