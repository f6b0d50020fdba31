"""Files outside the working folder that a program made or changed and that its output names, such as
`/tmp/chart.png`: copied to `.outputs/<run id>/` in the working folder. A file that was there before is not."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from runner.bounds import limits
from runner.bounds.refusal import Refusal
from runner.workspace.commons import mounts
from runner.workspace.folders import Workspace, open_regular, write

OUTPUTS = ".outputs"
CLOSING = {'"': '"', "'": "'", "`": "`", "(": ")", "[": "]", "{": "}", "<": ">"}
BEFORE = set(" \t\"'`([{<=:,;|>*")  # characters that may stand before an absolute path
AFTER = set(" \t\"'`)]}>,;:!?|*")  # characters that may stand after one, unless they belong to it
NEVER = ("/proc", "/sys", "/dev")


class PrintedPaths:
    """The beginning and the end of a program's output, in which paths are looked for."""

    def __init__(self) -> None:
        self._texts: dict[str, list[str]] = {"stdout": ["", ""], "stderr": ["", ""]}

    def add(self, stream: str, text: str) -> None:
        texts = self._texts[stream]
        room = limits.NAMED_CHARS - len(texts[0])
        texts[0] += text[:room] if room > 0 else ""
        texts[1] = (texts[1] + text[max(0, room) :])[-limits.NAMED_CHARS :]

    def candidates(self) -> Iterator[list[str]]:
        """The paths at each place that may begin an absolute path, the likeliest first."""
        left = limits.NAMED_PLACES
        for text in (text for texts in self._texts.values() for text in texts):
            at = text.find("/")
            while at >= 0 and left:
                before = text[at - 1] if at else "\n"
                if before == "\n" or before in BEFORE:
                    left -= 1
                    end = text.find("\n", at, at + limits.NAMED_PATH_CHARS)
                    yield _ends(text[at : end if end >= 0 else at + limits.NAMED_PATH_CHARS], CLOSING.get(before))
                at = text.find("/", at + 1)


def _ends(rest: str, closing: str | None) -> list[str]:
    """The paths that a line may begin with: up to the closing bracket, then up to each separator, the longest first."""
    found: list[str] = []
    for index in range(1, len(rest) + 1):
        if index == len(rest) or rest[index] in AFTER:
            found.append(rest[:index])
            if len(found) == limits.NAMED_ENDS:
                break
    found.reverse()
    if closing and (index := rest.find(closing)) > 0:
        found.insert(0, rest[:index])
    return [path for each in found for path in dict.fromkeys((each, each.rstrip(".…")))]


class Window(NamedTuple):
    """Condition for the run's files: of this user, changed since."""

    uid: int
    since_ns: int  # by the clock of the file system


async def collect(
    printed: PrintedPaths, workspace: Workspace, run_id: str, window: Window, private: frozenset[str], room: int
) -> bool:
    """Copies files that the output names and the run made, at most `room` bytes. Returns true when there were too
    many or too large ones."""
    seen: set[str] = set()
    left_files, left_bytes, cut = limits.OUTSIDE_FILES, min(limits.OUTSIDE_BYTES, room), False
    for candidates in printed.candidates():
        await asyncio.sleep(0)
        for path in candidates:
            if path in seen:
                continue
            seen.add(path)
            place = _place(path, workspace, private)
            file = _open(place.real, window) if place else None
            if place is None or file is None:
                continue
            with os.fdopen(file, "rb", buffering=0) as source:
                size = os.fstat(file).st_size
                if not left_files or size > left_bytes:
                    cut = True
                    break
                left_files, left_bytes = left_files - 1, left_bytes - size
                await _copy(source.fileno(), size, workspace, f"{OUTPUTS}/{run_id}/{place.shown}")
            break
    return cut


class Place(NamedTuple):
    real: str  # on this side of the program's mounts
    shown: str  # relative


def _place(path: str, workspace: Workspace, private: frozenset[str]) -> Place | None:
    """Place of a program's path. None for a path that is not to be looked at: relative in any way, hidden, the
    working folder's own, another workspace's, or the runner's."""
    if "\0" in path or any(part in ("", ".", "..") for part in path[1:].split("/")):
        return None
    for place, folder in mounts(private, workspace.tmp).items():
        if _below(path, place):
            path = folder + path[len(place) :]
            break
    real = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
    shown = real[1:]
    root = os.path.realpath(workspace.folder.parent)
    for folder, name in ((workspace.tmp, "tmp"), (workspace.home, "home")):
        if _below(real, os.path.realpath(folder)):
            shown = name + real[len(os.path.realpath(folder)) :]
            break
    else:
        if any(_below(real, folder) for folder in (root, os.path.realpath(workspace.files), *NEVER)):
            return None
    hidden = any(part.startswith(".") for part in shown.split("/"))
    return None if hidden else Place(real, shown)


def _below(path: str, folder: str) -> bool:
    return path.startswith(folder.rstrip("/") + "/")


def _open(real: str, window: Window) -> int | None:
    """A descriptor of a regular file with one name that the run made or changed; no link is followed."""
    try:
        fd = open_regular(Path("/"), real[1:])
    except Refusal:
        return None
    status = os.fstat(fd)
    if status.st_uid == window.uid and status.st_nlink == 1 and status.st_ctime_ns >= window.since_ns:
        return fd
    os.close(fd)
    return None


async def _copy(source: int, size: int, workspace: Workspace, path: str) -> None:
    async def pieces():
        left = size
        while left and (piece := os.read(source, min(left, limits.READ_BYTES))):
            left -= len(piece)
            yield piece
            await asyncio.sleep(0)

    try:
        await write(workspace.files, path, pieces(), workspace.owner)
    except Refusal:
        pass  # a link or a folder is in the way, or the disk is full: the file stays where it is
