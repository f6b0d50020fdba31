"""The script of an installation with pip: `python -I isolated_pip.py FOLDER ARGUMENTS…`. What is installed in FOLDER
(empty: nowhere) counts as installed. It is looked at only: programs may have changed it, so no module is imported
from it. Nothing of the runner is imported either. What pip says is for whoever asked for the packages: the status with
which an index refused, which pip keeps to itself, is told, and an error that pip did not expect is one line. An answer
that ends before its Content-Length is such an error."""

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
    """Says which distributions a folder has, as pip asks it for them, and that it has no module."""

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
    """Prints what pip only logs: that an index answered with an error. That it has no such package (404), pip says."""

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
    """pip's urllib3 before 2.0 takes an answer that was cut off for a whole one: half an index page names no file."""
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
