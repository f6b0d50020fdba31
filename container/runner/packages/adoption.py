"""Makes packages that a program has installed itself (`pip install`, see for_programs/) part of its workspace's
packages, when it has ended: so they are there for the next one, counted, kept with the workspace and gone with it."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

from runner.workspace.folders import Workspace
from runner.workspace.walk import entries

from . import generations, inventory

FOLDER = "packages"  # in a run's own folder


def place(workspace: Workspace, folder: Path) -> Path:
    """An empty folder that the program may write, below its run's own."""
    own = folder / FOLDER
    own.mkdir(mode=0o755)
    if workspace.owner:
        os.chown(own, *workspace.owner)
    return own


def adopt(workspace: Workspace, fresh: Path) -> list[str]:
    """Makes a new generation of the current one and the content of `fresh`. Returns `name==version` of each new
    distribution. Call it in a thread, and in the workspace's turn for packages."""
    if not _is_ordinary(fresh):
        return []
    old = generations.current(workspace)
    before = inventory.importable(old)
    new = generations.next_generation(workspace)
    try:
        generations.merge(old, fresh, new)
        generations.switch(workspace, new)
    finally:
        if generations.current(workspace) != new:
            shutil.rmtree(new, ignore_errors=True)
    after = inventory.importable(new)
    return inventory.names_and_versions(
        {name: version for name, version in after.items() if before.get(name) != version}
    )


def _is_ordinary(fresh: Path) -> bool:
    """Returns whether there is something, and nothing but files and folders: the runner reads it, and must not
    follow or wait."""
    found, waiting = False, [f"{fresh}"]
    while waiting:
        folder = waiting.pop()
        for name, status in entries(folder):
            if stat.S_ISDIR(status.st_mode):
                waiting.append(f"{folder}/{name}")
            elif not stat.S_ISREG(status.st_mode):
                return False
            found = True
    return found
