"""Events of the kernel about changes below folders (Linux). The standard library has no inotify, so the C library
is called."""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys
from collections.abc import Iterator
from typing import NamedTuple

MODIFY, ATTRIB, CLOSE_WRITE = 0x2, 0x4, 0x8
MOVED_FROM, MOVED_TO, CREATE, DELETE = 0x40, 0x80, 0x100, 0x200
DELETE_SELF, MOVE_SELF, UNMOUNT, OVERFLOW, IGNORED = 0x400, 0x800, 0x2000, 0x4000, 0x8000
ONLY_FOLDER = 0x1000000
# A file that was mapped into memory tells of a change only when it is closed.
CHANGES = MODIFY | ATTRIB | CLOSE_WRITE | MOVED_FROM | MOVED_TO | CREATE | DELETE
WATCHED = CHANGES | DELETE_SELF | MOVE_SELF | ONLY_FOLDER
LOST = DELETE_SELF | MOVE_SELF | UNMOUNT | IGNORED  # the folder is not where it was
HEAD = struct.Struct("iIII")  # watch, what happened, a number that joins the two of a renaming, bytes of the name
READ_BYTES = 64 * 1024


class Event(NamedTuple):
    watch: int
    what: int
    name: str  # within the folder; empty when the folder itself is meant


class Inotify:
    """A queue of events. Nothing can be watched where the kernel has none, or gives none."""

    def __init__(self) -> None:
        self._fd = -1
        if not sys.platform.startswith("linux"):
            return
        try:
            self._library = ctypes.CDLL(None, use_errno=True)
            self._fd = self._library.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        except (OSError, AttributeError):
            return

    @property
    def is_there(self) -> bool:
        return self._fd >= 0

    def watch(self, folder: int) -> int:
        """Watches an open folder; a folder has one number, however often it is watched. OSError when it cannot be."""
        watch: int = self._library.inotify_add_watch(self._fd, b"/proc/self/fd/%d" % folder, WATCHED)
        if watch < 0:
            number = ctypes.get_errno() or errno.ENOSYS
            raise OSError(number, os.strerror(number))
        return watch

    def forget(self, watch: int) -> None:
        self._library.inotify_rm_watch(self._fd, watch)

    def events(self) -> Iterator[Event]:
        """Events since the last call."""
        while self.is_there:
            try:
                data = os.read(self._fd, READ_BYTES)
            except BlockingIOError:
                return
            at = 0
            while at < len(data):
                watch, what, _, size = HEAD.unpack_from(data, at)
                at += HEAD.size + size
                yield Event(watch, what, os.fsdecode(data[at - size : at].rstrip(b"\0")))
