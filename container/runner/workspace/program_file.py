"""The program as a file in the working folder: its `__file__`. A real one, since much more than `open()` reads it:
the children of multiprocessing and joblib, `[sys.executable, __file__]`, pytest, numba's cache, calls for its size.
It has a name of ours and is made exclusively, so that it replaces no file of the user's, and each of the runs at
one time has its own. Nothing shows it: no listing, no `file` event, no archive, and not the program's own look at
the folder."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from .folders import Workspace
from .walk import OPEN_FOLDER

# Form of the name: that of a module, as some tools import the program by it, and readable as `main.py`;
# hidden_program.py has this pattern, too.
NAME = re.compile(r"_run(?:_[0-9]{1,3})?_main\.py")
EXCLUDED = "_run*_main.py"  # the same for tar
MOST = 999
LINK = "main.py"  # in the run's own folder
CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def write(workspace: Workspace, folder: Path, code: bytes) -> Path:
    """Writes the program. Returns its path in the run's own folder: a link to the file in the working folder, or
    the file itself where the working folder takes none. The link also leads `sweep` to the file, so it is made
    first."""
    link = folder / LINK
    for name in _names():
        link.symlink_to(workspace.files / name)
        try:
            with os.fdopen(os.open(link.readlink(), CREATE, 0o644), "wb") as file:
                file.write(code)
                if workspace.owner:
                    os.fchown(file.fileno(), *workspace.owner)
            return link
        except FileExistsError:
            link.unlink()  # another run's
        except OSError:
            remove(folder)
            break  # read-only, full, or gone: the program says so if it cares
    link.write_bytes(code)
    return link


def remove(folder: Path) -> None:
    """Removes the file in the working folder, and the link to it, whatever the program has made of either."""
    link = folder / LINK
    if not link.is_symlink():
        return
    file = link.readlink()
    try:
        files = os.open(file.parent, OPEN_FOLDER)
    except OSError:
        pass  # the working folder is gone, and the file with it
    else:
        try:
            os.unlink(file.name, dir_fd=files)
        except OSError:
            pass  # the program has removed it, or put a folder in its place
        finally:
            os.close(files)
    link.unlink()


def sweep(root: Path) -> None:
    """Removes the files of programs that a killed runner has left, before any new one starts."""
    for link in root.glob(f"*/runs/*/{LINK}"):
        try:
            remove(link.parent)
        except OSError:
            continue  # closed to us: it stays


def _names() -> Iterator[str]:
    yield "_run_main.py"
    for number in range(2, MOST + 1):
        yield f"_run_{number}_main.py"
