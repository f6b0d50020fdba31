"""A short path to a workspace's `tmp`, for TMPDIR: Unix sockets are made there, whose paths have 104 bytes at most.
A link in a private folder in /tmp leads to it, so its files lie, count and go where they always do."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from .commons import TMP
from .folders import Workspace

# Longest path, without the bytes that programs add: multiprocessing 32, Chromium and playwright up to 55.
SHORT_BYTES = 103 - 55
PREFIX = "cm-"
RECORD = ".short-tmp"  # in the root folder, for the next runner if this one is killed


class ShortTmp:
    """The links of one runner, made when they are needed and gone with it."""

    def __init__(self, root: Path) -> None:
        self._record = root / RECORD
        self._folder: Path | None = None
        self._links: dict[Path, Path] = {}  # by the folder that they lead to
        self.remove()

    def path(self, workspace: Workspace, private: frozenset[str]) -> str:
        """TMPDIR of a program of this workspace. `private`: the machine's folders that it has others for."""
        if TMP in private:
            return TMP  # the workspace's own, see commons.mounts
        if len(os.fsencode(workspace.tmp)) <= SHORT_BYTES:
            return f"{workspace.tmp}"
        try:
            return f"{self._link(workspace)}"
        except OSError:
            return f"{workspace.tmp}"  # nothing can be made in /tmp: only sockets suffer

    def _link(self, workspace: Workspace) -> Path:
        if self._folder is None or not self._folder.is_dir():
            self._links.clear()
            self._folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=TMP))
            if workspace.owner:
                self._folder.chmod(0o711)
            self._record.unlink(missing_ok=True)
            self._record.symlink_to(self._folder)
        link = self._links.setdefault(workspace.tmp, self._folder / f"{len(self._links)}")
        # A program of the same user may have put something else there.
        if not (link.is_symlink() and link.readlink() == workspace.tmp):
            if link.is_dir() and not link.is_symlink():
                shutil.rmtree(link)
            link.unlink(missing_ok=True)
            link.symlink_to(workspace.tmp)
        return link

    def remove(self) -> None:
        """Removes the folder of links that the record names: this runner's, or that of a killed one."""
        self._folder = None
        if not self._record.is_symlink():
            return
        folder = self._record.readlink()
        self._record.unlink()
        if folder.parent != Path(TMP) or not folder.name.startswith(PREFIX) or folder.is_symlink():
            return
        shutil.rmtree(folder, ignore_errors=True)  # follows no link
