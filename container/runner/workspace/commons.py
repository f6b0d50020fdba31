"""Folders of the machine that every program may write: they lie in no workspace, and outlive their programs. Where
a mount namespace can be made, a program has others in their place (`private`). Where none can be, and programs are
a user of their own, that user's files there are counted, and removed when no program is left. Where programs are
the runner's own user nothing is counted or removed: the same user's other programs, such as a browser or a
database, keep files in the same folders, and no owner, time or name tells whose a file is."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from .folders import Owner
from .removal import remove_in
from .shared_memory import SHARED_MEMORY, of_owner, of_user
from .walk import OPEN_FOLDER

TMP = "/tmp"
# Folders in whose place a program gets its workspace's `tmp`.
FOLDERS = (TMP, "/var/tmp", "/run/lock")


def replaceable(needed: list[Path]) -> frozenset[str]:
    """The folders that can be replaced for a program: they are there, and hold nothing that it needs."""
    return frozenset(
        place
        for place in (*FOLDERS, SHARED_MEMORY)
        if os.path.isdir(place)
        and not os.path.islink(place)
        and not any(path.resolve().is_relative_to(place) for path in needed)
    )


def mounts(private: frozenset[str], tmp: Path) -> dict[str, str]:
    """Folders that a program finds, by place."""
    return {place: str(tmp) for place in FOLDERS if place in private}


class Commons:
    """The folders for all workspaces of a runner. `private`: the places that programs have for themselves."""

    def __init__(self, owner: Owner, private: Callable[[], frozenset[str]]) -> None:
        self._uid = owner[0] if owner else None
        self._private = private
        self._users = 0

    def enter(self) -> None:
        """Notes the start of something that may use these folders; `leave` has to follow."""
        self._users += 1

    def leave(self) -> None:
        self._users -= 1
        self.tidy()

    def tidy(self) -> None:
        """Removes files that must not outlive their programs, unless something may use them. Files in /tmp are for
        the workspace's next program, as where it is private."""
        self._empty([place for place in self._places() if place != TMP])

    @contextmanager
    def used(self) -> Generator[None]:
        self.enter()
        try:
            yield
        finally:
            self.leave()

    def bytes(self) -> int:
        """The bytes that count as a workspace's, of whichever they are: where programs have a user of their own
        there is one workspace. Blocks."""
        folders = [place for place in self._places() if place != SHARED_MEMORY]
        return of_user(self._uid, folders) if self._uid is not None else 0

    def empty(self) -> None:
        """Removes the rest too, when a workspace is emptied."""
        self._empty(self._places())

    def _places(self) -> list[str]:
        private = self._private()
        return [place for place in (*FOLDERS, SHARED_MEMORY) if place not in private]

    def _empty(self, places: list[str]) -> None:
        """Empties the places at once and not in a thread: nothing can be started meanwhile, whose files these could
        be."""
        if self._users or self._uid is None:
            return
        for place, name, _ in list(of_owner(self._uid, places)):
            try:
                folder = os.open(place, OPEN_FOLDER)
                try:
                    remove_in(folder, name)
                finally:
                    os.close(folder)
            except OSError as error:
                print(f"runner: a file in {place} stays ({error.strerror})", file=sys.stderr)
