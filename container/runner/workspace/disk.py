"""The disk under a workspace. Some of it is kept free: the store of the runs' records, and all else on it, must go
on when programs, uploads and installations have filled the rest."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from runner.bounds import limits
from runner.bounds.refusal import Refusal

NEXT = "delete files that are not needed, or make room on the machine"


def free(*folders: Path) -> float:
    """The free bytes on the fullest of the disks under these folders; infinite when unknown."""
    least = float("inf")
    for folder in folders:
        try:
            found = os.statvfs(folder)
        except OSError:
            continue  # it is not there yet
        least = min(least, found.f_bavail * found.f_frsize)
    return least


def shortage(size: int, *folders: Path) -> str | None:
    """The reason why there is no room for so many more bytes, or None."""
    left = free(*folders)
    if left - size >= limits.DISK_RESERVE_BYTES:
        return None
    return (
        f"the disk has {limits.words(int(left))} left, of which {limits.words(limits.DISK_RESERVE_BYTES)} are kept free"
    )


def is_full(error: BaseException | None) -> bool:
    """Returns whether an error, or its cause, says that a disk is full."""
    while error is not None and not isinstance(error, OSError):
        error = error.__cause__
    return error is not None and error.errno in (errno.ENOSPC, errno.EDQUOT)


def refusal(what: str) -> Refusal:
    """The refusal (507) of bytes that the system could not store."""
    return Refusal("quota", f"{what}: the disk is full; {NEXT}")
