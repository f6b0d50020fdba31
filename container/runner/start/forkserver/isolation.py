"""What the kernel offers to contain a program: subreaper, parent-death signal, no_new_privs, namespaces.
Linux only."""

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
PROBE_BYTES, PROBE_FILES = 1 << 20, 16
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_SLAVE = 2, 4, 8, 4096, 16384, 1 << 19


def _libc() -> Any:
    if not sys.platform.startswith("linux"):
        return None
    try:
        import ctypes
    except ImportError:
        # an interpreter built without libffi: as on other systems, the process group is all there is
        return None
    return ctypes.CDLL(None, use_errno=True)


LIBC = _libc()


def _call(name: str, *arguments: Any) -> None:
    import ctypes

    if getattr(LIBC, name)(*arguments) != 0:
        number = ctypes.get_errno()
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
    """Takes a variable out of the environment, also out of what /proc/self/environ shows."""
    value = os.environ.get(name)
    if value is not None and LIBC:
        import ctypes

        LIBC.getenv.restype = ctypes.c_void_p
        address = LIBC.getenv(name.encode())
        if address:
            ctypes.memset(address, 0, len(os.fsencode(value)))
    os.environ.pop(name, None)
    return value


def enter_pid_namespace(new_user: bool) -> None:
    """The next child of this process is pid 1 of a new namespace. `new_user`: what an ordinary user needs
    for it."""
    uid, gid = os.getuid(), os.getgid()
    _call("unshare", CLONE_NEWPID | (CLONE_NEWUSER if new_user else 0))
    if new_user:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")


def make_private_mounts() -> None:
    """Gives this process and its children mounts of their own, and their own /proc. System V's shared memory and queues
    are theirs alone too, and go with them."""
    _call("unshare", CLONE_NEWNS | CLONE_NEWIPC)
    _call("mount", None, b"/", None, MS_REC | MS_SLAVE, None)
    _call("mount", b"proc", b"/proc", b"proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, None)


def mount_folder(folder: str, place: str) -> None:
    """Puts `folder` in the place of another, for the processes of this mount namespace."""
    _call("mount", os.fsencode(folder), os.fsencode(place), None, MS_BIND | MS_REC, None)


def mount_alias(folder: str, place: str) -> None:
    """As `mount_folder`, also where there is no such place yet. Does nothing where it cannot be made."""
    try:
        if not os.path.isdir(place):
            os.close(mount_memory(os.path.dirname(place), PROBE_BYTES, PROBE_FILES))
            os.mkdir(place)
        mount_folder(folder, place)
    except OSError:
        return  # a program that uses it meets what it meets without one


def mount_memory(place: str, most_bytes: int, most_files: int) -> int:
    """Puts an empty file system in memory there; a descriptor of it, with which it stays."""
    options = f"mode=1777,size={most_bytes},nr_inodes={most_files}".encode()
    _call("mount", b"tmpfs", os.fsencode(place), b"tmpfs", MS_NOSUID | MS_NODEV, options)
    return os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)


def probe(mounts: dict[str, str], memory: str | None) -> dict[str, Any]:
    """Tries once what can be made here, with folders by place, and a place for a file system in memory: `{"namespace":
    "root" | "user" | None, "reason": str}`."""
    if not LIBC:
        return {"namespace": None, "reason": "this system has no Linux namespaces"}
    kind = "root" if os.geteuid() == 0 else "user"
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        os.write(writing, _try_namespace(kind == "user", mounts, memory).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        reason = pipe.read().decode()
    os.waitpid(pid, 0)
    return {"namespace": None if reason else kind, "reason": reason}


def _try_namespace(new_user: bool, mounts: dict[str, str], memory: str | None) -> str:
    try:
        enter_pid_namespace(new_user)
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                make_private_mounts()
                for place, folder in mounts.items():
                    mount_folder(folder, place)
                if memory:
                    mount_memory(memory, PROBE_BYTES, PROBE_FILES)
                os.listdir("/proc/self/fd")
                os.write(writing, b"ok")
            except OSError as error:
                os.write(writing, f"{error.strerror}".encode())
            os._exit(0)
        os.close(writing)
        os.waitpid(pid, 0)
        answer = os.read(reading, 1000).decode()
        return "" if answer == "ok" else answer or "the first process of the namespace died"
    except OSError as error:
        return error.strerror or "refused"
