"""What is in a folder, and how much of the disk it takes. Counted as `du` does: blocks, a file with several names once,
without following links or entering other file systems. It imports little, as fork servers have it."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

from runner.bounds import limits

OPEN_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
BLOCK_BYTES = 512  # of st_blocks, whatever the file system
GONE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)  # or swapped for a link, since it was listed


class Use(NamedTuple):
    """Used bytes; `at_least` when not everything could be looked at."""

    bytes: int
    at_least: bool = False

    def plus(self, size: int) -> Use:
        return self._replace(bytes=self.bytes + size)

    def as_json(self) -> dict[str, Any]:
        return self._asdict()

    def words(self, quota: float) -> str:
        """`at least 4.3 GiB of 4 GiB`; exact where rounding would make them equal."""
        held, most = limits.words(self.bytes), limits.words(quota)
        if held == most:
            held, most = f"{self.bytes} bytes", f"{quota} bytes"
        return f"{'at least ' if self.at_least else ''}{held} of {most}"


def walk(top: Path, leave_out: Callable[[str], bool] = lambda _: False) -> Use:
    """Use of everything below `top` but some of its own entries, within the bounds. Blocks: call it in a thread."""
    give_up = monotonic() + limits.SPACE_S
    total, seen, at_least = 0, 0, False
    several_names: set[tuple[int, int]] = set()
    try:
        device = os.lstat(top).st_dev
    except OSError:
        return Use(0)  # a program deleted it
    folders = [f"{top}"]
    while folders:
        folder = folders.pop()
        try:
            for name, status in entries(folder):
                seen += 1
                if seen > limits.SPACE_ENTRIES or monotonic() > give_up:
                    return Use(total, at_least=True)
                if status.st_dev != device or (folder == f"{top}" and leave_out(name)):
                    continue
                if stat.S_ISDIR(status.st_mode):
                    folders.append(f"{folder}/{name}")
                elif status.st_nlink > 1:
                    inode = (status.st_dev, status.st_ino)
                    if inode in several_names:
                        continue
                    several_names.add(inode)
                total += status.st_blocks * BLOCK_BYTES
        except OSError as error:
            at_least = at_least or error.errno not in GONE
    return Use(total, at_least)


def entries(folder: str) -> Iterator[tuple[str, os.stat_result]]:
    """The entries of a folder, no link followed. OSError when it is none, or closed."""
    fd = os.open(folder, OPEN_FOLDER)
    try:
        with os.scandir(fd) as found:
            for entry in found:
                try:
                    yield entry.name, entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue  # it went away while we looked
    finally:
        os.close(fd)
