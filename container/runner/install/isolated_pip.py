"""The script of an installation with pip: `python -I isolated_pip.py FOLDER ARGUMENTS…`. Distributions in FOLDER
(empty: none) count as installed. They are looked at only: programs may have changed them, so no module is imported
from there. Nothing of the runner is imported either. pip's output is for the user who asked for the packages. So
the status with which an index refused, which pip keeps to itself, is printed, and an error that pip did not expect
is one line. An answer that ends before its Content-Length is such an error."""

from __future__ import annotations

import importlib
import logging
import runpy
import sys
import traceback
from importlib.machinery import FileFinder
from types import ModuleType
from typing import Any


class Shown(FileFinder):
    """Lists a folder's distributions for pip, and has no module."""

    def find_spec(self, fullname: str, target: ModuleType | None = None) -> None:
        return None


def show(folder: str) -> None:
    def hook(path: str) -> Shown:
        if path != folder:
            raise ImportError("this is the next hook's")
        return Shown(folder)

    sys.path_hooks.insert(0, hook)
    sys.path.append(folder)


class Refusals(logging.Handler):
    """Prints errors of an index that pip only logs. pip itself reports a missing package (404)."""

    def emit(self, record: logging.LogRecord) -> None:
        said = record.getMessage()
        if said.startswith("Could not fetch URL ") and ": 404 " not in said:
            print(f"WARNING: {said}", file=sys.stderr, flush=True)


def in_one_line(self: logging.Formatter, ei: Any) -> str:
    return "".join(traceback.format_exception_only(ei[0], ei[1])).strip()


def speak_up() -> None:
    fetches = logging.getLogger("pip._internal.index.collector")
    fetches.setLevel(logging.DEBUG)
    fetches.addHandler(Refusals())
    logging.Formatter.formatException = in_one_line


def expect_whole_answers() -> None:
    """Refuses answers that were cut off. pip's urllib3 before 2.0 takes them for whole ones: half an index page
    names no file."""
    try:
        response: Any = importlib.import_module("pip._vendor.urllib3.response").HTTPResponse
    except ImportError:
        return
    init = response.__init__

    def strict(self: Any, *args: Any, **options: Any) -> None:
        init(self, *args, **{**options, "enforce_content_length": True})

    response.__init__ = strict


if __name__ == "__main__":
    _, shown, *arguments = sys.argv
    if shown:
        show(shown)
    sys.argv[1:] = arguments
    speak_up()
    expect_whole_answers()
    runpy.run_module("pip", run_name="__main__", alter_sys=True)
