"""Removes folders that programs have filled. No link is followed; neither depth nor a closed folder stops it,
unlike `shutil.rmtree`."""

from __future__ import annotations

import errno
import os
import secrets
from pathlib import Path

from .walk import OPEN_FOLDER

NO_FOLDER = (errno.ENOTDIR, errno.ELOOP)


def remove(path: Path) -> int:
    """Removes the entry at `path`, whose own folder must be the runner's. Returns how many files there were.
    Blocks: call it in a thread."""
    try:
        parent = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        return 0
    try:
        return remove_in(parent, path.name)
    finally:
        os.close(parent)


def remove_in(parent: int, name: str) -> int:
    """Removes an entry of an opened folder. Returns how many files there were. OSError when something cannot be
    removed."""
    try:
        folder = _open(parent, name)
    except FileNotFoundError:
        return 0
    except OSError as error:
        if error.errno not in NO_FOLDER:
            raise
        os.unlink(name, dir_fd=parent)
        return 1
    try:
        files = _empty(folder)
    finally:
        os.close(folder)
    os.rmdir(name, dir_fd=parent)
    return files


def _empty(top: int) -> int:
    """Empties a folder. Every inner folder is moved up to `top` first: so there is no depth. Returns the number of
    files."""
    prefix, moved = secrets.token_hex(8), 0
    files, waiting = _unlink_files(top)
    while waiting:
        name = waiting.pop()
        folder = _open(top, name)
        try:
            more, inner = _unlink_files(folder)
            files += more
            for each in inner:
                moved += 1
                os.close(_open(folder, each))  # a closed folder could not be moved
                os.rename(each, f"{prefix}{moved}", src_dir_fd=folder, dst_dir_fd=top)
                waiting.append(f"{prefix}{moved}")
        finally:
            os.close(folder)
        os.rmdir(name, dir_fd=top)
    return files


def _unlink_files(folder: int) -> tuple[int, list[str]]:
    """Removes the files of a folder. Returns their number, and the names of the folders that are left."""
    with os.scandir(folder) as entries:
        found = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    files = [name for name, is_folder in found if not is_folder]
    for name in files:
        os.unlink(name, dir_fd=folder)
    return len(files), [name for name, is_folder in found if is_folder]


def _open(parent: int, name: str) -> int:
    """Opens a folder, for its owner, whatever a program had made of it."""
    try:
        folder = os.open(name, OPEN_FOLDER, dir_fd=parent)
    except PermissionError:
        if os.geteuid() == 0:
            raise
        # Another user's folder can be closed to us; one of our own is ours to open.
        os.chmod(name, 0o700, dir_fd=parent)
        folder = os.open(name, OPEN_FOLDER, dir_fd=parent)
    if os.fstat(folder).st_uid == os.geteuid():
        os.fchmod(folder, 0o700)
    return folder
