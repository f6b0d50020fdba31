"""The processes that read programs. A malicious program may use up a parser's stack, all memory or much time, and
its process with it. A checker reads one program after another; each is forked from a source, which reads none
itself and so stays small."""

from __future__ import annotations

import gc
import importlib
import json
import os
import resource
import signal
import socket
import struct
import sys
from pathlib import Path
from typing import Any, NoReturn

from runner.bounds import limits
from runner.workspace.folders import Workspace

from .imports import examine

CHECK_S = 10
CHECK_MEMORY_BYTES = 2 * limits.GIB
# Most growth of a checker that is asked again: memory that one program took is not to be missing for the next.
GROWTH_BYTES = 32 * limits.MIB
MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024
# Head of each message: its length in bytes, and whether the checker will read another program.
HEAD = struct.Struct("!I?")


def serve_as_source(control: socket.socket) -> NoReturn:
    """Forks a checker for each socket that comes, until the runner has ended."""
    try:
        _let_go_of_the_runner(control.fileno())
        gc.freeze()  # a collection would write to what the checkers share
        while descriptors := socket.recv_fds(control, 1, 1)[1]:
            _fork_checker(control, descriptors[0])
    finally:
        os._exit(0)


def _let_go_of_the_runner(kept: int) -> None:
    """Closes all descriptors but the log, and resets the signals: a watcher of the runner's end, or of a client's,
    must not wait for this process. It ends when `kept` does, however the runner was ended."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_IGN)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.closerange(3, kept)
    os.closerange(kept + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def _fork_checker(control: socket.socket, descriptor: int) -> None:
    try:
        if os.fork() == 0:
            control.close()
            _serve_as_checker(socket.socket(fileno=descriptor))
    except OSError:
        pass  # no process is to be had: the runner learns it from the end of the socket
    os.close(descriptor)


def _serve_as_checker(runner: socket.socket) -> NoReturn:
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if sys.platform.startswith("linux"):
            resource.setrlimit(resource.RLIMIT_AS, (CHECK_MEMORY_BYTES, CHECK_MEMORY_BYTES))
        at_start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        send(runner, b"", True)
        while question := receive(runner):
            signal.alarm(CHECK_S)  # ends this process, whatever it is busy with
            answer = _answer(json.loads(question))
            signal.alarm(0)
            grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - at_start) * MAXRSS_UNIT
            send(runner, answer, grown < GROWTH_BYTES)
    finally:
        os._exit(0)  # without an answer the runner says that the program cannot be read


def _answer(question: dict[str, Any]) -> bytes:
    # The installed packages and the files in the working folder may have changed since the last program.
    importlib.invalidate_caches()
    sys.path_importer_cache.clear()
    workspace = Workspace("", Path(question["folder"]), Path(question["files"]), None)
    packages = Path(question["packages"]) if question["packages"] else None
    found = examine(question["code"], question["paths"], workspace, packages, question["aliases"])
    return json.dumps(found).encode()


def send(other: socket.socket, message: bytes, goes_on: bool) -> None:
    other.sendall(HEAD.pack(len(message), goes_on) + message)


def receive(other: socket.socket) -> bytes:
    """The next message, which is empty when the other side has ended."""
    head = _exactly(other, HEAD.size)
    return _exactly(other, HEAD.unpack(head)[0]) if head else b""


def _exactly(other: socket.socket, size: int) -> bytes:
    data = other.recv(size, socket.MSG_WAITALL)
    return data if len(data) == size else b""
