"""Hides the files of programs from a program that looks at its folder: read and executed by child.py. They can be
opened by name; only `os.listdir` and `os.scandir`, on which glob, pathlib, os.walk and shutil build, leave them
out. Installed packages see every file: pytest, given a program's file, looks for it in its folder."""

from __future__ import annotations

import functools
import os
import re
import sys
from collections.abc import Iterator
from typing import Any, cast

NAME = re.compile(r"_run(?:_[0-9]{1,3})?_main\.py")  # as in program_file.py


def hide() -> None:
    listdir, scandir = os.listdir, os.scandir
    packages = ("site-packages", "dist-packages", *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep)))

    def is_shown(path: Any) -> bool:
        # A folder that is opened is one that is being removed: then every entry has to go.
        caller = sys._getframe(2).f_code.co_filename  # pyright: ignore[reportPrivateUsage]  # there is no public way
        return isinstance(path, int) or any(folder in caller for folder in packages)

    @functools.wraps(listdir)
    def listing(path: Any = None) -> list[Any]:
        found = cast("list[Any]", listdir(path))
        return found if is_shown(path) else [name for name in found if not _is_hidden(name)]

    @functools.wraps(scandir)
    def scanning(path: Any = None) -> Any:
        found = scandir(path)
        return found if is_shown(path) else _Scan(found)

    for name, function in (("listdir", listing), ("scandir", scanning)):
        function.__module__ = "os"  # where it is found by whoever pickles it
        os.supports_fd.add(function)
        setattr(os, name, function)


def _is_hidden(name: str | bytes) -> bool:
    text = name if isinstance(name, str) else os.fsdecode(name)
    return text.startswith("_run_") and NAME.fullmatch(text) is not None


class _Scan:
    """The result of `os.scandir`, without these entries."""

    def __init__(self, entries: Any) -> None:
        self._entries = entries

    def __iter__(self) -> Iterator[os.DirEntry[Any]]:
        return self

    def __next__(self) -> os.DirEntry[Any]:
        while _is_hidden((entry := next(self._entries)).name):
            continue
        return entry

    def __enter__(self) -> _Scan:  # noqa: PYI034  Self comes with Python 3.11
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._entries.close()
