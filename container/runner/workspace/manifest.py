"""The files of a workspace, and a run's changes to them. No link is followed, no device opened."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from runner.bounds import limits
from runner.bounds.refusal import Refusal

from . import mime
from .folders import open_regular

# Folders of tools: large, and no purpose of a program.
SKIPPED_FOLDERS = frozenset(
    "__pycache__ .git node_modules .venv venv .mypy_cache .pytest_cache .ruff_cache .ipynb_checkpoints"
    " .wrangler".split()
)
ENTRIES_AT_ONCE = 500  # between two pauses for other requests


class Entry(NamedTuple):
    """A regular file; any difference means that it was changed."""

    bytes: int
    modified_ns: int
    changed_ns: int
    inode: int

    @staticmethod
    def of(status: os.stat_result) -> Entry:
        return Entry(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


@dataclass
class Manifest:
    entries: dict[str, Entry] = field(default_factory=dict[str, Entry])  # path with `/`, relative
    cut: bool = False


@dataclass(eq=False)
class Moment:
    """The files when a run began, and the names that have been looked at again since then."""

    manifest: Manifest
    told: int  # events about programs' files until then
    touched: set[str] | None = field(default_factory=set[str])  # None: everything was looked at, or much

    def touch(self, path: str) -> None:
        if self.touched is not None:
            self.touched.add(path)
            if len(self.touched) > limits.WATCHED_NAMES:
                self.touched = None


class Span(NamedTuple):
    """The life of a run, in nanoseconds since 1970; `until` lies in the future while it goes on."""

    since: int
    until: int
    outputs: str  # the folder of its own below the files, with `/` at its end


def changes(
    before: Manifest,
    after: Manifest,
    paths: Iterable[str],
    base: Path,
    own: Span,
    others: list[Span],
    pruned: list[str],
) -> tuple[list[dict[str, Any]], bool]:
    """A run's changes among these paths, sorted, as `file` events without number and type; and whether some are
    left out. `others`: the runs that went on at the same time. A change while one of them did is `shared`. A change
    after the run's own end, in another's outputs, or of a `pruned` file, is not this run's."""
    cut = before.cut or after.cut
    found: list[dict[str, Any]] = []
    for path in sorted(paths):
        old, new = before.entries.get(path), after.entries.get(path)
        if old == new:
            continue
        # A file that a cut scan did not reach may be there all the same, or may have been there.
        if (new is None and after.cut) or (old is None and before.cut):
            continue
        if any(path.startswith(other.outputs) for other in others) or path.startswith(tuple(pruned)):
            continue
        if others and new and new.changed_ns > own.until and not path.startswith(own.outputs):
            continue
        if len(found) == limits.FILE_EVENTS:
            return found, True
        is_shared = {"shared": True} if _is_shared(path, new, own, others) else {}
        if new is None:
            found.append({"path": path, "change": "deleted", "bytes": None, "mime": None, **is_shared})
        else:
            change = "changed" if old else "created"
            facts = {"bytes": new.bytes, "mime": mime_of(base, path)}
            found.append({"path": path, "change": change, **facts, **is_shared})
    return found, cut


def _is_shared(path: str, new: Entry | None, own: Span, others: list[Span]) -> bool:
    """Returns whether another run may have made the change: the time of a deletion is unknown, so any may have."""
    if path.startswith(own.outputs):
        return False
    return any(new is None or other.since - limits.FILE_CLOCK_NS <= new.changed_ns <= other.until for other in others)


def opened(base: Path, folder: str) -> int | None:
    """A descriptor of a folder below `base`, without following a link to it; None when it went away."""
    try:
        return os.open(
            f"{base}/{folder}", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | (os.O_NOFOLLOW if folder else 0)
        )
    except OSError:
        return None


def statuses(fd: int) -> list[tuple[str, os.stat_result]]:
    """The entries of an open folder, no more than anybody looks at."""
    with os.scandir(fd) as entries:
        found: list[tuple[str, os.stat_result]] = []
        for entry in entries:
            try:
                found.append((entry.name, entry.stat(follow_symlinks=False)))
            except OSError:
                continue  # it went away while we looked
            if len(found) > limits.SCAN_ENTRIES:
                break
        return found


def is_text(path: str) -> bool:
    """Returns false for names that are not UTF-8: no request could ask for them."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def mime_of(base: Path, path: str) -> str:
    """The type of a file that a scan found."""
    named = mime.by_name(path)
    if named:
        return named
    try:
        fd = open_regular(base, path)
    except Refusal:
        return "application/octet-stream"  # it went away, or was swapped for something else, since the scan
    try:
        return mime.of_open_file(path, fd)
    finally:
        os.close(fd)
