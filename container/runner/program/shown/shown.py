"""Loaded by its path into a program's interpreter with the first library that shows things: keeps pictures and
pages that the program only shows. Nobody sees a window of it."""

from __future__ import annotations

import atexit
import filecmp
import itertools
import os
import sys
from collections.abc import Callable, Iterator

MOST = 20  # pictures and pages of one process
WORDS_CHARS = 300
LOOKED_AT = 1_000  # files of the working folder
CLOCK_S = 0.01  # lag of a file system's clock


class Shown:
    """Shown files: `figure-1.png`, `figure-2.html` … in `folder`, numbered in the order in which they were shown."""

    def __init__(self, folder: str, began: float) -> None:
        self.folder = folder
        self._began = began - CLOCK_S
        self._root = os.path.realpath(os.path.join(folder, os.pardir, os.pardir))
        self._process = os.getpid()
        self._files: dict[str, None] = {}
        self._said: set[str] = set()

    def write(self, ending: str, write: Callable[[str], object], path: str | None = None) -> str | None:
        """Lets `write` make the next file, or make `path` again. None, once with a line, when there are enough."""
        if path is None:
            if len(self._files) >= MOST:
                self.say(f"more than {MOST} pictures and pages were shown; the others are not kept. Next: save them.")
                return None
            os.makedirs(self.folder, exist_ok=True)
            path = self._free(ending)
        write(path)
        if not self._files:
            atexit.register(self.at_end(lambda: None))
        self._files[path] = None
        return path

    def forget(self, path: str) -> None:
        """Deletes our copy of a picture that the program has saved itself."""
        self._files.pop(path, None)
        if os.path.exists(path):
            os.unlink(path)

    def say(self, words: str) -> None:
        """Prints a line on stderr, once."""
        if words not in self._said:
            self._said.add(words)
            print(words, file=sys.stderr)

    def is_in_workspace(self, path: str) -> bool:
        """Returns whether the path is in the program's working folder, so that the run reports the file."""
        return os.path.realpath(path).startswith(self._root + os.sep)

    def at_end(self, act: Callable[[], object]) -> Callable[[], None]:
        """A function for atexit. It does nothing in a process that was forked from the program's."""

        def last() -> None:
            if os.getpid() == self._process:
                self.attempt(act)
                self.attempt(self._forget_doubles)

        return last

    def attempt(self, act: Callable[[], object]) -> None:
        """Calls `act`; an error becomes a line."""
        try:
            act()
        except Exception as error:
            self.say(f"what was left open could not be saved: {type(error).__name__}: {f'{error}'[:WORDS_CHARS]}")

    def _free(self, ending: str) -> str:
        taken = {name.rpartition(".")[0] for name in os.listdir(self.folder)}
        number = 1
        while f"figure-{number}" in taken:
            number += 1
        return os.path.join(self.folder, f"figure-{number}.{ending}")

    def _forget_doubles(self) -> None:
        """Forgets files that the program has saved itself with the same bytes, or shown before."""
        files = itertools.islice(_files_below(self._root), LOOKED_AT)
        others = [path for path in files if _changed_at(path) >= self._began]
        for path in list(self._files):
            if any(_are_same(path, other) for other in others):
                self.forget(path)
            else:
                others.append(path)


def _files_below(folder: str) -> Iterator[str]:
    for path, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (os.path.join(path, name) for name in names)


def _changed_at(path: str) -> float:
    try:
        return os.path.getmtime(path)
    except OSError:
        return 0.0  # it is gone


def _are_same(one: str, other: str) -> bool:
    try:
        return os.path.getsize(one) == os.path.getsize(other) and filecmp.cmp(one, other, shallow=False)
    except OSError:
        return False  # one is gone, or cannot be read
