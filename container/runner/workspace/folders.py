"""The folders of one workspace, and access to its files that never follows a symbolic link or opens a device."""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from runner.bounds.refusal import Refusal

from . import disk
from .walk import OPEN_FOLDER

WORKSPACE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
# O_NONBLOCK: opening a FIFO without a writer would block the whole runner.
OPEN_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
Owner = tuple[int, int] | None  # uid and gid of the programs, when it is not the runner's own


@dataclass(frozen=True)
class Workspace:
    """The folders of one user's programs. `files` is their working folder."""

    name: str
    folder: Path
    files: Path
    owner: Owner

    @property
    def owns_files(self) -> bool:
        """False when the working folder was there before: it is neither emptied nor counted."""
        return self.files.parent == self.folder

    @cached_property
    def packages(self) -> Path:
        return self.folder / "packages"

    @cached_property
    def tmp(self) -> Path:
        return self.folder / "tmp"

    @cached_property
    def home(self) -> Path:
        return self.folder / "home"

    @cached_property
    def runs(self) -> Path:
        return self.folder / "runs"

    @cached_property
    def uploads(self) -> Path:
        """What has come so far of files that come in pieces. Made with the first."""
        return self.folder / "uploads"

    def make(self) -> None:
        """Makes missing folders; a program may have deleted any of them."""
        for folder, mode in ((self.folder, 0o777), (self.packages, 0o755), (self.runs, 0o711)):
            if not folder.is_dir():
                folder.mkdir(mode=mode, parents=True, exist_ok=True)
        for folder in (self.files, self.tmp, self.home):
            if not folder.is_dir():
                folder.mkdir(parents=True, exist_ok=True)
                if self.owner:
                    os.chown(folder, *self.owner)


def open_workspace(root: Path, name: str, shared_files: Path | None, owner: Owner) -> Workspace:
    """The workspace called `name`, with its folders made; a name outside the protocol's pattern is not found."""
    if not WORKSPACE_NAME.fullmatch(name):
        raise Refusal("not_found", "a workspace is named [a-z0-9][a-z0-9_-]{0,63}")
    workspace = Workspace(name, root / name, shared_files or root / name / "files", owner)
    workspace.make()
    return workspace


def path_parts(path: str) -> list[str]:
    """The segments of a relative path; the reason why it is not one is a ValueError."""
    parts = path.split("/")
    if "\0" in path:
        raise ValueError("a path must not contain NUL")
    if path.startswith("/"):
        raise ValueError("a path must be relative to the workspace")
    if any(part in ("", ".", "..") for part in parts):
        raise ValueError("a path must not contain empty segments, `.` or `..`")
    try:
        encoded = os.fsencode(path)
    except UnicodeEncodeError as error:
        raise ValueError("a path must be valid Unicode") from error
    if len(encoded) > 4000 or any(len(os.fsencode(part)) > 255 for part in parts):
        raise ValueError("a path must be at most 4000 bytes, each segment at most 255")
    return parts


def open_parent(base: Path, parts: list[str], make: bool = False, owner: Owner = None) -> int:
    """A descriptor of the folder that holds the last of `parts`, opened link by link; OSError when there is none."""
    folder = os.open(base, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    for part in parts[:-1]:
        try:
            try:
                inner = os.open(part, OPEN_FOLDER, dir_fd=folder)
            except FileNotFoundError:
                if not make:
                    raise
                os.mkdir(part, 0o755, dir_fd=folder)
                if owner:
                    os.chown(part, *owner, dir_fd=folder, follow_symlinks=False)
                inner = os.open(part, OPEN_FOLDER, dir_fd=folder)
        finally:
            os.close(folder)
        folder = inner
    return folder


def open_regular(base: Path, path: str) -> int:
    """A descriptor of a regular file below `base`, for reading; anything else is `not_found`."""
    try:
        parts = path_parts(path)
        folder = open_parent(base, parts)
        try:
            file = os.open(parts[-1], OPEN_FILE, dir_fd=folder)
        finally:
            os.close(folder)
    except (OSError, ValueError) as error:
        raise Refusal("not_found", f"there is no readable file {path!r} in the workspace ({reason(error)})") from error
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise Refusal("not_found", f"{path!r} is not a regular file")
    return file


def check_writable(base: Path, path: str) -> None:
    """Refuses a path that `write` would refuse; makes nothing."""
    try:
        parts = path_parts(path)
        try:
            folder = open_parent(base, parts)
        except FileNotFoundError:
            return  # missing folders are made; what exists on the way was opened without following links
        try:
            _refuse_special(folder, parts[-1])
        finally:
            os.close(folder)
    except (OSError, ValueError) as error:
        raise _unwritable(path, error) from error


async def write(base: Path, path: str, pieces: AsyncIterator[bytes] | Iterable[bytes], owner: Owner) -> bool:
    """Replaces or makes a file below `base` in one step; true when it was not there before."""
    try:
        parts = path_parts(path)
        folder = open_parent(base, parts, make=True, owner=owner)
    except (OSError, ValueError) as error:
        raise _unwritable(path, error) from error
    temporary = f".{secrets.token_hex(8)}.part"
    try:
        existed = _refuse_special(folder, parts[-1])
        file = os.open(
            temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644, dir_fd=folder
        )
        with os.fdopen(file, "wb") as stream:
            if isinstance(pieces, AsyncIterator):
                async for piece in pieces:
                    stream.write(piece)
            else:
                stream.writelines(pieces)
            if owner:
                os.fchown(file, *owner)
        os.rename(temporary, parts[-1], src_dir_fd=folder, dst_dir_fd=folder)
        return not existed
    except (OSError, ValueError) as error:
        _discard(folder, temporary)
        if isinstance(error, ConnectionError):
            raise
        raise _unwritable(path, error) from error
    except BaseException:
        _discard(folder, temporary)
        raise
    finally:
        os.close(folder)


def place(base: Path, path: str, file: Path, owner: Owner) -> bool:
    """Moves a file of the runner's own to a path below `base`, in one step; false when it is on another disk."""
    try:
        parts = path_parts(path)
        folder = open_parent(base, parts, make=True, owner=owner)
    except (OSError, ValueError) as error:
        raise _unwritable(path, error) from error
    try:
        _refuse_special(folder, parts[-1])
        if os.stat(file).st_dev != os.fstat(folder).st_dev:
            return False
        os.chmod(file, 0o644)
        if owner:
            os.chown(file, *owner)
        os.rename(file, parts[-1], dst_dir_fd=folder)
        return True
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno == errno.EXDEV:
            return False  # two mounts of one disk
        raise _unwritable(path, error) from error
    finally:
        os.close(folder)


def size_on_disk(base: Path, path: str) -> int:
    """Bytes that deleting or replacing a file would free; 0 when there is none."""
    try:
        status = os.lstat(base / path)
    except OSError:
        return 0
    return status.st_blocks * 512 if stat.S_ISREG(status.st_mode) and status.st_nlink == 1 else 0


def delete(base: Path, path: str) -> None:
    """Deletes one regular file below `base`."""
    os.close(open_regular(base, path))
    parts = path_parts(path)
    try:
        folder = open_parent(base, parts)
        try:
            os.unlink(parts[-1], dir_fd=folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise Refusal("not_found", f"cannot delete {path!r}: {reason(error)}") from error


def exists(base: Path, path: str) -> bool:
    """Returns whether there is a regular file or a folder at a path below `base`, without following links."""
    try:
        parts = path_parts(path)
        folder = open_parent(base, parts)
        try:
            mode = os.stat(parts[-1], dir_fd=folder, follow_symlinks=False).st_mode
        finally:
            os.close(folder)
    except (OSError, ValueError):
        return False
    return stat.S_ISREG(mode) or stat.S_ISDIR(mode)


def open_folder_of(base: Path, path: str) -> int:
    """A descriptor of the folder that holds the folder at `path`; anything else there is `not_found`."""
    try:
        parts = path_parts(path)
        parent = open_parent(base, parts)
        try:
            os.close(os.open(parts[-1], OPEN_FOLDER, dir_fd=parent))
        except OSError:
            os.close(parent)
            raise
        return parent
    except (OSError, ValueError) as error:
        raise Refusal("not_found", f"there is no folder {path!r} in the workspace ({reason(error)})") from error


def _unwritable(path: str, error: OSError | ValueError) -> Refusal:
    if disk.is_full(error):
        return disk.refusal(f"cannot write {path!r}")
    return Refusal("bad_request", f"cannot write {path!r}: {reason(error)}; give another path")


def reason(error: OSError | ValueError) -> str:
    """The cause in words, without the paths of this machine."""
    if isinstance(error, OSError) and error.errno == errno.ELOOP:
        return "a symbolic link is in the way"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return f"{error}"


def _refuse_special(folder: int, name: str) -> bool:
    try:
        mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
    except FileNotFoundError:
        return False
    if not stat.S_ISREG(mode):
        raise ValueError("a folder, a symbolic link or a device is in the way")
    return True


def _discard(folder: int, name: str) -> None:
    try:
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        pass  # it was not made
