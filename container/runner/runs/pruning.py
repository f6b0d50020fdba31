"""Files that a workspace need not keep for ever: the outputs of old runs, and temporary files that nobody uses any
more."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Collection
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from runner.bounds import limits
from runner.workspace.folders import Workspace
from runner.workspace.removal import remove_in
from runner.workspace.space import SCRATCH
from runner.workspace.walk import OPEN_FOLDER, entries, walk

from .outside import OUTPUTS


class Output(NamedTuple):
    modified_s: float
    name: str


def prune_outputs(workspace: Workspace, kept: Collection[str], now: float, note: Callable[[str], None]) -> None:
    """Removes the outputs of runs that are too old, too many, or too large together, but never those of the runs `kept`
    and of the newest. `note` is called before, with the path below the files and `/` at its end. Blocks."""
    files = os.open(workspace.files, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        folder = os.open(OUTPUTS, OPEN_FOLDER, dir_fd=files)
    except OSError:
        return  # there are none, or a program has put something else there
    finally:
        os.close(files)
    try:
        size = 0
        for rank, output in enumerate(sorted(_outputs(folder), reverse=True)):
            size += walk(workspace.files / OUTPUTS / output.name).bytes
            is_old = now - output.modified_s > limits.OUTPUTS_S
            too_much = rank >= limits.OUTPUTS_KEPT or size > limits.OUTPUTS_BYTES
            if rank > 0 and output.name not in kept and (is_old or too_much):
                note(f"{OUTPUTS}/{output.name}/")
                remove_in(folder, output.name)
    finally:
        os.close(folder)


def _outputs(folder: int) -> list[Output]:
    with os.scandir(folder) as entries:
        return [
            Output(entry.stat(follow_symlinks=False).st_mtime, entry.name)
            for entry in entries
            if entry.is_dir(follow_symlinks=False)
        ]


def clean(workspace: Workspace, in_use: Callable[[], bool], since: float) -> None:
    """Removes files from the folder for temporary files that were neither read nor changed `since`, and files that
    a killed runner has left of runs and installations. Stops as soon as the workspace is `in_use`. Blocks."""
    give_up = monotonic() + limits.CLEAN_S
    for place, prefix in ((workspace.tmp, ""), (workspace.runs, ""), (workspace.packages, SCRATCH)):
        try:
            folder = os.open(place, OPEN_FOLDER)
        except OSError:
            continue  # a program has removed it, or put something else there
        try:
            for name in os.listdir(folder):
                if in_use() or monotonic() > give_up:
                    return
                if name.startswith(prefix) and not _used(place / name, since, give_up):
                    remove_in(folder, name)
        finally:
            os.close(folder)


def _used(path: Path, since: float, give_up: float) -> bool:
    """Returns whether anything at `path` was used since; true also when that cannot be found out."""
    try:
        waiting = [(f"{path}", os.lstat(path))]
        while waiting:
            current, status = waiting.pop()
            is_folder = stat.S_ISDIR(status.st_mode)
            # Reading a folder counts as no use: any search does it, such as this function.
            used = max(status.st_mtime, status.st_ctime, 0 if is_folder else status.st_atime)
            if used > since or monotonic() > give_up:
                return True
            if is_folder:
                waiting.extend((f"{current}/{name}", inner) for name, inner in entries(current))
    except OSError:
        return True  # closed, or deeper than a path may be long
    return False
