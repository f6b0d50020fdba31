"""The generations of a workspace's packages: each is a folder. An installation makes the next one, which then takes the
place of the current one, so running programs keep the files that they started with."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from runner.workspace.folders import Workspace

from . import inventory

CURRENT = "current"  # a symbolic link to a generation's folder; replaced by renaming


def current(workspace: Workspace) -> Path | None:
    """The generation that the next run uses, or None when nothing was installed."""
    link = workspace.packages / CURRENT
    try:
        return workspace.packages / os.readlink(link)
    except FileNotFoundError:
        return None


def next_generation(workspace: Workspace) -> Path:
    """Folder in which the next generation is to be put together."""
    taken = (int(path.name) for path in workspace.packages.iterdir() if path.name.isdecimal())
    return workspace.packages / f"{1 + max(taken, default=0)}"


def switch(workspace: Workspace, new: Path) -> None:
    """Makes a generation the current one."""
    link = workspace.packages / CURRENT
    temporary = link.with_name(f".{CURRENT}")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(new.name)
    temporary.replace(link)


def remove_unused(workspace: Workspace, in_use: Callable[[Path], bool]) -> None:
    """Removes the generations before the current one that no run uses."""
    keep = current(workspace)
    for folder in workspace.packages.iterdir():
        if folder.name.isdecimal() and folder != keep and not in_use(folder):
            shutil.rmtree(folder, ignore_errors=True)


def merge(old: Path | None, fresh: Path, new: Path) -> None:
    """Makes `new` of hard links to `old`, then moves into it the distributions of `fresh` in other versions than
    those of `old` and the base. Installers do not merge by themselves: pip's `--target` replaces whole folders,
    also those of shared namespaces."""
    if old and old.is_dir():
        _copy(old, new)
    else:
        new.mkdir()
    base, kept = inventory.base_distributions(), inventory.distributions([str(new)])
    for distribution in _in(fresh):
        name = inventory.normal(distribution.metadata["Name"] or "")
        # Another route asked for it, but it is already there.
        if kept.get(name, base.get(name)) == distribution.version:
            _remove(fresh, distribution)
        elif name in kept:
            for outdated in _in(new):
                if inventory.normal(outdated.metadata["Name"] or "") == name:
                    _remove(new, outdated)
    _move(fresh, new)
    _remove_empty_folders(new)


def without(old: Path, new: Path, name: str) -> None:
    """Makes `new` of hard links to `old`, but for the distribution with this normal name."""
    try:
        _copy(old, new)
        for distribution in _in(new):
            if inventory.normal(distribution.metadata["Name"] or "") == name:
                _remove(new, distribution)
        _remove_empty_folders(new)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise


def sizes(folder: Path) -> dict[str, int]:
    """Bytes of the distributions in a folder by normal name, as their installer has recorded them."""
    found: dict[str, int] = {}
    for distribution in _in(folder):
        # By hand, as a large package has ten thousand lines, and an object for each holds everything up.
        sizes = (line.rpartition(",")[2] for line in (distribution.read_text("RECORD") or "").splitlines())
        name = inventory.normal(distribution.metadata["Name"] or "")
        found[name] = sum(int(size) for size in sizes if size.isdecimal())
    return found


def _copy(old: Path, new: Path) -> None:
    shutil.copytree(old, new, symlinks=True, copy_function=_link)


def _in(folder: Path) -> list[importlib.metadata.Distribution]:
    return list(importlib.metadata.distributions(path=[str(folder)]))


def _remove(folder: Path, distribution: importlib.metadata.Distribution) -> None:
    """Removes the files in the distribution's RECORD, and their bytecode, below `folder`."""
    for listed in distribution.files or []:
        path = Path(os.path.normpath(folder / listed))
        if not path.is_relative_to(folder):
            # pip records scripts relative to the place of a site-packages folder.
            path = folder / "bin" / path.name
        path.unlink(missing_ok=True)
        if path.suffix == ".py":
            for bytecode in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
                bytecode.unlink(missing_ok=True)


def _move(source: Path, target: Path) -> None:
    for folder, _, names in os.walk(source):
        place = target / Path(folder).relative_to(source)
        place.mkdir(exist_ok=True)
        for name in names:
            # a hard link: the old generation's file must stay as it is
            (place / name).unlink(missing_ok=True)
            os.rename(Path(folder) / name, place / name)


def _remove_empty_folders(top: Path) -> None:
    for folder, _, _ in os.walk(top, topdown=False):
        if Path(folder) != top and not os.listdir(folder):
            os.rmdir(folder)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)  # a file system without hard links
