"""DELETE of a whole workspace: its files and its packages, never a folder that was there before it."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

from . import inventory, packages
from .http1 import Refusal
from .installs import Installs
from .runs import Runs
from .starts import Starts
from .workspace import Workspace


async def reset(workspace: Workspace, runs: Runs, installs: Installs, starts: Starts) -> dict[str, int]:
    """Empties the workspace; how many files and distributions there were. A `conflict` changes nothing."""
    if not workspace.owns_files:
        raise Refusal(
            "conflict", "the working folder was given to the runner and is kept; delete its files with a program"
        )
    if runs.live_in(workspace):
        raise Refusal("conflict", "programs are running in the workspace; wait for them, or cancel them")
    async with installs.turn(workspace):
        own = packages.current(workspace)
        counts = {
            "files": sum(len(names) for _, _, names in os.walk(workspace.files)),
            "packages": len(inventory.distributions([str(own)])) if own else 0,
        }
        # `runs` stays: the logs of ended runs may still be read.
        for folder in (workspace.files, workspace.packages, workspace.tmp, workspace.home):
            await asyncio.to_thread(_remove, folder)
        workspace.make()
        runs.space(workspace).changed(packages=True)
        starts.packages_changed(workspace)
    return counts


def _remove(folder: Path) -> None:
    """A program may have put a link in the folder's place: that is removed, never followed."""
    if folder.is_symlink():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)
