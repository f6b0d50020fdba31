"""Other paths of the working folder: those that models know from other systems, such as /mnt/data. Made by a mount
where programs have mounts of their own; else by a link, if the machine is the programs' alone (they are a user of
their own)."""

from __future__ import annotations

import os
from pathlib import Path

from .folders import Workspace


def mountable(place: str) -> bool:
    """Returns whether it hides nothing: the place is empty, or not there, and then its own folder is empty."""
    try:
        return not os.listdir(place)
    except FileNotFoundError:
        return _is_empty(os.path.dirname(place))
    except OSError:
        return False


def link(place: str, files: Path, root: Path) -> bool:
    """Makes the place a link to the working folder; false when a file of others is there."""
    try:
        if os.path.islink(place):
            if not Path(os.readlink(place)).is_relative_to(root):
                return False
            os.unlink(place)
        elif os.path.isdir(place):
            os.rmdir(place)  # only an empty one can be
        os.symlink(files, place)
        return True
    except OSError:
        return False


def _is_empty(folder: str) -> bool:
    try:
        return folder != "/" and not os.listdir(folder)
    except OSError:
        return False


class Aliases:
    """Aliases of a runner. `places`: absolute paths that the operator of the runner named."""

    def __init__(self, places: list[str], root: Path) -> None:
        self._places = places
        self._root = root

    def make(self, workspace: Workspace, has_mounts: bool) -> tuple[list[str], dict[str, str]]:
        """The places where a program of this workspace finds its working folder, and the mounts that it needs for
        them. Makes the links."""
        if has_mounts:
            mounts = {place: f"{workspace.files}" for place in self._places if mountable(place)}
            return list(mounts), mounts
        if not workspace.owner:
            return [], {}
        return [place for place in self._places if link(place, workspace.files, self._root)], {}
