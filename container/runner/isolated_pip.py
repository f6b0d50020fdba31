"""The script of an installation with pip: `python -I isolated_pip.py FOLDER ARGUMENTS…`. What is installed in FOLDER
(empty: nowhere) counts as installed. It is looked at only: programs may have changed it, so no module is imported
from it. Nothing of the runner is imported either."""

from __future__ import annotations

import runpy
import sys
from importlib.machinery import FileFinder
from typing import Any


class Shown(FileFinder):
    """Says which distributions a folder has, as pip asks it for them, and that it has no module."""

    def find_spec(self, *_: Any) -> None:
        return None


def show(folder: str) -> None:
    def hook(path: str) -> Shown:
        if path != folder:
            raise ImportError("this is the next hook's")
        return Shown(folder)

    sys.path_hooks.insert(0, hook)
    sys.path.append(folder)


if __name__ == "__main__":
    _, shown, *arguments = sys.argv
    if shown:
        show(shown)
    sys.argv[1:] = arguments
    runpy.run_module("pip", run_name="__main__", alter_sys=True)
