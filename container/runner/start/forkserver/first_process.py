"""The first process below a monitor: pid 1 of a namespace where there can be one, and below it the process
that waits for its job and becomes the program."""

from __future__ import annotations

import json
import os
import signal
import socket
import time

from runner.bounds import limits
from runner.workspace import commons

from . import become, isolation, leftover, processes
from .messages import receive_message


def wait_for_job(namespace: str | None, jobs: socket.socket, messages: socket.socket) -> become.Program | None:
    """Returns in the process that shall become the program, prepared for it; nowhere else."""
    try:
        isolation.die_with_parent()
        if namespace:
            isolation.make_private_mounts()
            _send_proc(messages)
            # The monitor's word that it is over; the program has its own signals again when it settles.
            signal.signal(signal.SIGUSR1, lambda _number, _frame: _kill_all())
            program = os.fork()
            if program:
                jobs.close()
                _be_init(program, messages)
        become.settle()
        request = receive_message(jobs)
        if request is None:
            os._exit(0)
        jobs.close()
        job, descriptors = request
        if namespace:
            for place, folder in job["mounts"].items():
                isolation.mount_folder(folder, place)
            for place, folder in job.get("aliases", {}).items():
                isolation.mount_alias(folder, place)
            if job["own_memory"]:
                _mount_memory(messages, job["limits"]["memory_bytes"])
        return become.prepare(job, descriptors, messages, die_with_parent=not namespace)
    except BaseException as error:
        words = error.strerror if isinstance(error, OSError) else None
        messages.send(json.dumps({"failed": words or f"{type(error).__name__}: {error}"[:500]}).encode())
        os._exit(1)


def _send_proc(messages: socket.socket) -> None:
    """Gives the monitor the namespace's /proc: once this process hides its memory, only root can open it."""
    proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    socket.send_fds(messages, [json.dumps({"proc": True}).encode()], [proc])
    os.close(proc)


def _mount_memory(messages: socket.socket, most_bytes: int) -> None:
    """An empty /dev/shm, which the monitor counts. It has more room than the program may use: so that the program is
    ended, and told its limit, rather than that it meets a full file system."""
    memory = isolation.mount_memory(commons.SHARED_MEMORY, int(limits.OWN_MEMORY * most_bytes), limits.OWN_MEMORY_FILES)
    socket.send_fds(messages, [json.dumps({"memory": True}).encode()], [memory])
    os.close(memory)


def _be_init(program: int, messages: socket.socket) -> None:
    """Pid 1 of the namespace: reaps, reports the program's end, and takes everything else with it when it
    ends."""
    isolation.hide_memory()
    pid = status = 0
    while pid != program:
        pid, status = os.wait()
    others = [int(name) for name in os.listdir("/proc") if name.isdecimal() and name not in ("1", f"{program}")]
    messages.send(json.dumps({"wait_status": status, "left": leftover.servers(others, program)}).encode())
    _kill_all()
    # Reaped here, or what they have used is lost: at the end of a namespace the kernel reaps them for nobody.
    give_up = time.monotonic() + processes.KILL_PATIENCE_S
    while processes.reap_any() and time.monotonic() < give_up:
        time.sleep(0.001)
    os._exit(0)


def _kill_all() -> None:
    """Every process of the namespace but this one."""
    try:
        os.kill(-1, signal.SIGKILL)
    except ProcessLookupError:
        pass  # there is none
