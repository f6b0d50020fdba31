"""What lies in /dev/shm, and in other folders that everybody may write, of one user. It imports little, as fork servers
have it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from time import monotonic

from runner.bounds import limits

from .walk import BLOCK_BYTES, GONE, entries, walk

SHARED_MEMORY = "/dev/shm"


def used(file_system: int) -> int:
    """Used bytes of a file system."""
    status = os.fstatvfs(file_system)
    return (status.f_blocks - status.f_bfree) * status.f_frsize


def size_if_full(place: int | str) -> int | None:
    """The size of a file system in bytes, when it is full; else None."""
    try:
        status = os.statvfs(place)
    except OSError:
        return None  # there is none here
    return status.f_blocks * status.f_frsize if status.f_bavail == 0 else None


def of_user(uid: int, places: Iterable[str]) -> int:
    """The bytes of a user's files in these folders; at least those that were found in time. Blocks."""
    total, give_up = 0, monotonic() + limits.SPACE_S
    for place, name, status in of_owner(uid, places):
        if monotonic() > give_up:
            break
        total += status.st_blocks * BLOCK_BYTES
        total += walk(Path(place, name)).bytes if stat.S_ISDIR(status.st_mode) else 0
    return total


def of_owner(uid: int, places: Iterable[str]) -> Iterator[tuple[str, str, os.stat_result]]:
    for place in places:
        try:
            for name, status in entries(place):
                if status.st_uid == uid:
                    yield place, name, status
        except OSError as error:
            if error.errno not in GONE:
                raise
