"""A single-threaded process that programs are started from: `python -m runner.forkserver FD` with a JSON line of
settings on stdin. It forks a monitor for each request; the monitor's child becomes the program."""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import socket
import struct
import sys
import warnings
from pathlib import Path
from typing import Any

from . import become, child, isolation, monitor

# Cheap parts of the standard library that programs usually import.
BARE_MODULES = (
    "json", "re", "asyncio", "datetime", "random", "collections", "subprocess", "csv", "urllib.request", "math",
    "statistics", "itertools", "functools", "pathlib", "tempfile", "shutil", "hashlib", "base64", "typing",
    "dataclasses", "threading", "concurrent.futures", "multiprocessing", "logging", "textwrap", "glob", "decimal",
    "traceback", "inspect", "uuid", "zipfile", "html", "io", "string", "time", "contextlib", "enum", "argparse",
    "xml.etree.ElementTree", "sqlite3", "ssl", "http.client", "queue", "heapq", "operator", "copy", "pprint",
)  # fmt: skip
LENGTH = struct.Struct("!I")
MESSAGE_BYTES = 1 << 20


def main() -> None:
    """Serves until the runner closes its end, then waits for the monitors that still watch a program."""
    control = socket.socket(fileno=int(sys.argv[1]))
    control.set_inheritable(False)
    settings = json.loads(sys.stdin.readline())
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    own = {str(Path(__file__).parents[1])}
    sys.path[:] = [entry for entry in sys.path if entry not in own]
    threaded_by = preload([*BARE_MODULES, *settings["preload"]], settings["packages"])
    answer: dict[str, Any] = {"ready": True, "threaded_by": threaded_by}
    if settings.get("probe"):
        answer["isolation"] = isolation.probe(settings["private_tmp"])
    isolation.hide_memory()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal is for the runner
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps the monitors
    gc.collect()
    gc.freeze()
    send_message(control, answer)
    program = serve(control)
    if program:
        child.become_program(program.main_file, program.packages, program.report_fd)
    try:
        os.wait()  # with SIGCHLD ignored it returns when the last monitor has ended
    except ChildProcessError:
        pass  # that is how it says so
    os._exit(0)


def preload(names: list[str], packages: str | None) -> str | None:
    """Imports what can be imported; what fails here fails again, and is shown, in the program. Returns the name of the
    first module that leaves a thread behind: a fork would lose the thread and keep its locks, so nothing may be forked."""
    if packages:
        child.arrange_path(None, packages)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in names:
            try:
                importlib.import_module(name)
            except Exception as error:
                print(f"runner: cannot preload {name}: {type(error).__name__}", file=sys.stderr)
            if _threads() > 1:
                return name
    return None


def serve(control: socket.socket) -> become.Program | None:
    """Forks a monitor for each request. Returns None when the runner is gone, a program in the process to become it."""
    while True:
        request = receive_message(control)
        if request is None:
            return None
        job, descriptors = request
        try:
            pid = os.fork()
        except OSError as error:
            os.write(descriptors[3], json.dumps({"failed": f"{error.strerror}"}).encode() + b"\n")
            pid = -1
        if pid == 0:
            control.close()
            return monitor.watch(job, descriptors)
        for fd in descriptors:
            os.close(fd)


def send_message(control: socket.socket, message: become.Job, descriptors: list[int] | None = None) -> None:
    """One length-prefixed JSON message; descriptors travel with its first byte."""
    data = json.dumps(message).encode()
    head = LENGTH.pack(len(data))
    sent = socket.send_fds(control, [head], descriptors) if descriptors else control.send(head)
    control.sendall(head[sent:] + data)


def receive_message(control: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """The next message with its descriptors, or None at the end."""
    head, descriptors, _, _ = socket.recv_fds(control, LENGTH.size, len(monitor.DESCRIPTORS))
    if len(head) < LENGTH.size and head:
        head += _exactly(control, LENGTH.size - len(head))
    if not head:
        return None
    data = _exactly(control, LENGTH.unpack(head)[0])
    return json.loads(data), descriptors


def _exactly(control: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = control.recv(min(size - len(data), MESSAGE_BYTES))
        if not piece:
            raise ConnectionResetError("the runner ended within a message")
        data += piece
    return data


def _threads() -> int:
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        return 1  # no /proc: only what Python itself started could be counted, and that is nothing


if __name__ == "__main__":
    main()
