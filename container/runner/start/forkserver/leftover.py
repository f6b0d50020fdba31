"""Servers and daemons that a program has left running when it ended: they end with it, and its author has to know.
Helpers of libraries, which end with every program, are not reported."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import Any

MOST = 5
NAME_CHARS = 60
PROCESSES = 64  # looked at
SOCKETS_BYTES = 256 * 1024  # of the table of a network namespace
LISTENING = "0A"
# Names of helpers: browsers, their drivers and the Java that libraries start and leave to the end.
HELPERS = re.compile(r"chrom|headless|driver|firefox|msedge|^java$|^Xvfb$|^node$")
PYTHON = re.compile(r"python[0-9.]*")


def servers(pids: Iterable[int], session: int) -> list[dict[str, Any]]:
    """Processes that listen on a port, have a session of their own, as daemons do, or are a Python program.
    `session`: that of the program."""
    looked_at = list(pids)[:PROCESSES]
    try:
        return _servers_among(looked_at, session)[:MOST] if looked_at else []
    except Exception:
        return []  # their data in the system must not cost the program its end


def _servers_among(pids: list[int], session: int) -> list[dict[str, Any]]:
    ports = _listening_ports()
    found: list[dict[str, Any]] = []
    for pid in pids:
        command = _command(pid)
        name = _name(command)
        if not name or HELPERS.search(name):
            continue
        port = next((ports[inode] for inode in _sockets(pid) if inode in ports), None)
        if port is None and not _is_daemon(pid, session) and not PYTHON.fullmatch(os.path.basename(command[0])):
            continue
        found.append({"name": name, "port": port})
    return found


def _command(pid: int) -> list[str]:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read(4096).decode("utf-8", "replace").rstrip("\0").split("\0")
    except OSError:
        return []  # it ended since it was listed


def _name(command: list[str]) -> str:
    """`http.server` for `python -m http.server 8000`, `bot.py` for `python bot.py`; empty for a command that tells
    nobody anything."""
    if not command or not command[0]:
        return ""
    name = os.path.basename(command[0])
    if not PYTHON.fullmatch(name):
        return name[:NAME_CHARS]
    rest = [word for word in command[1:] if word not in ("-u", "-B", "-I", "-E", "-s")]
    if rest[:1] == ["-m"] and len(rest) > 1:
        # The program's own forks have the name of the server that they come from.
        return "" if rest[1].startswith("runner") else rest[1][:NAME_CHARS]
    script = os.path.basename(rest[0]) if rest and rest[0].endswith(".py") else ""
    return "" if script == "plain.py" else script[:NAME_CHARS]


def _is_daemon(pid: int, session: int) -> bool:
    try:
        return os.getsid(pid) != session
    except OSError:
        return False  # it ended since it was listed


def _listening_ports() -> dict[str, int]:
    ports: dict[str, int] = {}
    for table in ("tcp", "tcp6"):
        try:
            with open(f"/proc/self/net/{table}", encoding="ascii") as file:
                rows = file.read(SOCKETS_BYTES).splitlines()[1:]
        except OSError:
            continue  # no such protocol here
        for row in rows:
            fields = row.split()
            if len(fields) > 9 and fields[3] == LISTENING:
                ports[fields[9]] = int(fields[1].rpartition(":")[2], 16)
    return ports


def _sockets(pid: int) -> list[str]:
    """The inodes of its sockets."""
    try:
        names = os.listdir(f"/proc/{pid}/fd")
        links = [os.readlink(f"/proc/{pid}/fd/{name}") for name in names[:256]]
    except OSError:
        return []  # its owner hides it, or it ended
    return [link[len("socket:[") : -1] for link in links if link.startswith("socket:[")]
