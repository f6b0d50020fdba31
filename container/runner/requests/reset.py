"""DELETE of a whole workspace: of its content, or of the workspace itself."""

from __future__ import annotations

import asyncio
import secrets
import sys
from pathlib import Path

from runner.bounds.refusal import Refusal
from runner.install.installs import Installs
from runner.packages import generations, inventory
from runner.runs.registry import Runs
from runner.start.ways import Starts
from runner.workspace.folders import Workspace
from runner.workspace.removal import remove

GONE = ".gone-"  # no workspace can have such a name


async def reset(workspace: Workspace, runs: Runs, installs: Installs, starts: Starts) -> dict[str, int]:
    """Empties the workspace. Returns how many files and distributions there were. A `conflict` changes nothing."""
    if not workspace.owns_files:
        raise Refusal(
            "conflict", "the working folder was given to the runner and is kept; delete its files with a program"
        )
    async with installs.turn(workspace):
        if runs.live_in(workspace):
            raise Refusal("conflict", "programs are running in the workspace; wait for them, or cancel them")
        count = _packages(workspace)
        workspace.make()
        gone = doomed_name(workspace)
        gone.mkdir()
        # `runs` stays: the logs of ended runs may still be read.
        for folder in (workspace.files, workspace.packages, workspace.tmp, workspace.home, workspace.uploads):
            if folder.exists():
                folder.rename(gone / folder.name)
        workspace.make()
        runs.space(workspace).changed(packages=True)
        starts.packages_changed(workspace)
    files = await _removed(gone)
    return {"files": files, "packages": count}


async def wipe(workspace: Workspace, runs: Runs, installs: Installs, starts: Starts) -> dict[str, int]:
    """Ends all work in the workspace and removes the whole of it, logs of runs included. Returns how many files and
    distributions there were. A working folder that was there before is kept."""
    with runs.refused(workspace):
        await installs.end(workspace)
        await runs.end_all(workspace)
        async with installs.turn(workspace):
            runs.forget(workspace)
            starts.forget(workspace)
            count = _packages(workspace)
            workspace.make()  # another wipe may have come first
            gone = doomed_name(workspace)
            workspace.folder.rename(gone)
    files = await _removed(gone)
    return {"files": files, "packages": count}


def remove_leftovers(root: Path) -> None:
    """Removes folders that a runner which was ended in the middle of this has left. Blocks."""
    for gone in root.glob(f"{GONE}*"):
        try:
            remove(gone)
        except OSError as error:
            print(f"runner: {gone.name} of a deleted workspace stays ({error.strerror})", file=sys.stderr)


def doomed_name(workspace: Workspace) -> Path:
    """A name for a folder to remove: other requests may make it anew while the old one is being removed, by a later
    runner if need be."""
    return workspace.folder.with_name(f"{GONE}{secrets.token_hex(8)}")


async def _removed(gone: Path) -> int:
    """Removes a folder. Returns the number of the programs' files in it."""
    files = await asyncio.to_thread(remove, gone / "files")
    await asyncio.to_thread(remove, gone)
    return files


def _packages(workspace: Workspace) -> int:
    own = generations.current(workspace)
    return len(inventory.distributions([str(own)])) if own else 0
