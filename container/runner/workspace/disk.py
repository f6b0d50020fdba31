"""The disk under a workspace. Some of it is kept free: what stores the runs' records, and whatever else is on it, must
go on when programs, uploads and installations have filled the rest."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from runner.bounds import limits
from runner.bounds.refusal import Refusal

NEXT = "delete files that are not needed, or make room on the machine"


def free(*folders: Path) -> float:
    """The bytes that are left on the fullest of the disks under these folders; infinite when nobody knows."""
    least = float("inf")
    for folder in folders:
        try:
            found = os.statvfs(folder)
        except OSError:
            continue  # it is not there yet
        least = min(least, found.f_bavail * found.f_frsize)
    return least


def shortage(size: int, *folders: Path) -> str | None:
    """Why there is no room for so many more bytes, or None."""
    left = free(*folders)
    if left - size >= limits.DISK_RESERVE_BYTES:
        return None
    return (
        f"the disk has {limits.words(int(left))} left, of which {limits.words(limits.DISK_RESERVE_BYTES)} are kept free"
    )


def is_full(error: BaseException | None) -> bool:
    """Whether it says, or was caused by what says, that a disk is full."""
    while error is not None and not isinstance(error, OSError):
        error = error.__cause__
    return error is not None and error.errno in (errno.ENOSPC, errno.EDQUOT)


def refusal(what: str) -> Refusal:
    """507 for what the system has refused to store."""
    return Refusal("quota", f"{what}: the disk is full; {NEXT}")
