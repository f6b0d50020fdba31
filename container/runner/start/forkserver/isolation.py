"""Means of the kernel to contain a program: subreaper, parent-death signal, no_new_privs, namespaces. Linux only."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
CLONE_NEWNS = 0x00020000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
MACHINE = os.uname().machine
USER = os.getuid(), os.getgid()  # in a new namespace nobody knows them
# Number of the system call, by machine: those on which its arguments stand in this order.
CLONE = {"x86_64": 56, "aarch64": 220, "riscv64": 220}
PROBE_BYTES, PROBE_FILES = 1 << 20, 16
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_SLAVE = 2, 4, 8, 4096, 16384, 1 << 19


def _libc(keeps_lock: bool = False) -> Any:
    if not sys.platform.startswith("linux"):
        return None
    try:
        import ctypes
    except ImportError:
        # an interpreter built without libffi: as on other systems, the process group is all there is
        return None
    library = (ctypes.PyDLL if keeps_lock else ctypes.CDLL)(None, use_errno=True)
    library.syscall.argtypes, library.syscall.restype = [ctypes.c_long] * 6, ctypes.c_long
    return library


LIBC, PYTHON = _libc(), _libc(keeps_lock=True)


def _errno() -> int:
    import ctypes

    return ctypes.get_errno()


def _call(name: str, *arguments: Any) -> None:
    if getattr(LIBC, name)(*arguments) != 0:
        number = _errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def _prctl(option: int, value: int) -> None:
    if LIBC:
        _call("prctl", option, value, 0, 0, 0)


def become_subreaper() -> None:
    """Orphans below this process become its children, so that it can end them."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent() -> None:
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def forbid_new_privileges() -> None:
    _prctl(PR_SET_NO_NEW_PRIVS, 1)


def hide_memory(hidden: bool = True) -> None:
    """Keeps programs of the same user from reading or tracing this process."""
    _prctl(PR_SET_DUMPABLE, 0 if hidden else 1)


def erase_variable(name: str) -> str | None:
    """Takes a variable out of the environment, and out of /proc/self/environ."""
    value = os.environ.get(name)
    if value is not None and LIBC:
        import ctypes

        LIBC.getenv.restype = ctypes.c_void_p
        address = LIBC.getenv(name.encode())
        if address:
            ctypes.memset(address, 0, len(os.fsencode(value)))
    os.environ.pop(name, None)
    return value


def fork(namespace: str | None) -> int:
    """As os.fork, for a process that never runs anything but ours: without what Python does around it for threads and
    libraries, which copies more memory than a small program. With a namespace, the child is the first process of one of
    its own: its signals and its end reach every process in it. It has mounts of its own, and so has what System V
    shares: memory and queues."""
    if not LIBC or MACHINE not in CLONE:
        return os.fork()
    flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | (CLONE_NEWUSER if namespace == "user" else 0)
    # The system call below os.fork: a namespace would take a second process, which makes it and stays outside. Through
    # what keeps the interpreter's lock.
    pid = PYTHON.syscall(CLONE[MACHINE], signal.SIGCHLD | (flags if namespace else 0), 0, 0, 0, 0)
    if pid < 0:
        number = _errno()
        raise OSError(number, os.strerror(number))
    return pid


def settle_in(namespace: str) -> None:
    """Sets up a namespace in its first process: keeps later mounts to itself, and mounts a /proc of its own."""
    if namespace == "user":
        hide_memory(False)  # or it could not write its own /proc/self/uid_map
        uid, gid = USER
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    _call("mount", None, b"/", None, MS_REC | MS_SLAVE, None)
    _call("mount", b"proc", b"/proc", b"proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, None)


def mount_folder(folder: str, place: str) -> None:
    """Puts `folder` in place of another, for the processes of this mount namespace."""
    _call("mount", os.fsencode(folder), os.fsencode(place), None, MS_BIND | MS_REC, None)


def mount_alias(folder: str, place: str) -> None:
    """Mounts as `mount_folder` does, also where there is no such place yet. Does nothing where it cannot be made."""
    try:
        if not os.path.isdir(place):
            mount_memory(os.path.dirname(place), PROBE_BYTES, PROBE_FILES)
            os.mkdir(place)
        mount_folder(folder, place)
    except OSError:
        return  # a program that uses it finds nothing, as without an alias


def mount_memory(place: str, most_bytes: int, most_files: int) -> None:
    """Puts an empty file system in memory there."""
    options = f"mode=1777,size={most_bytes},nr_inodes={most_files}".encode()
    _call("mount", b"tmpfs", os.fsencode(place), b"tmpfs", MS_NOSUID | MS_NODEV, options)


def probe(mounts: dict[str, str], memory: str | None) -> dict[str, Any]:
    """Tries once what can be made here, with folders by place, and a place for a file system in memory: `{"namespace":
    "root" | "user" | None, "reason": str}`."""
    if not LIBC or MACHINE not in CLONE:
        return {"namespace": None, "reason": "this system has no Linux namespaces"}
    kind = "root" if os.geteuid() == 0 else "user"
    reading, writing = os.pipe()
    try:
        pid = fork(kind)
    except OSError as error:
        os.close(reading)
        os.close(writing)
        return {"namespace": None, "reason": error.strerror}
    if pid == 0:
        os.close(reading)
        os.write(writing, _try_mounts(kind, mounts, memory).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read().decode()
    os.waitpid(pid, 0)
    reason = "" if answer == "ok" else answer or "the first process of the namespace died"
    return {"namespace": None if reason else kind, "reason": reason}


def _try_mounts(namespace: str, mounts: dict[str, str], memory: str | None) -> str:
    try:
        settle_in(namespace)
        for place, folder in mounts.items():
            mount_folder(folder, place)
        if memory:
            mount_memory(memory, PROBE_BYTES, PROBE_FILES)
        os.listdir("/proc/self/fd")
        return "ok"
    except OSError as error:
        return error.strerror or "refused"
