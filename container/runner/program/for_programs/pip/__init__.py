"""Stands before pip in the programs' path, so that a program that installs packages itself gets them where its next
import finds them, and not in the environment that all programs share. Everything but `pip install` is the real
pip's."""

from __future__ import annotations

import importlib.machinery
import importlib.metadata
import os
import sys

from ._install import run

_here = os.path.dirname(__file__)
_real = importlib.machinery.PathFinder.find_spec(
    "pip", [entry for entry in sys.path if os.path.join(entry, "pip") != _here]
)
if _real and _real.submodule_search_locations:
    __path__ += list(_real.submodule_search_locations)


def __getattr__(name: str) -> str:
    if name != "__version__":
        raise AttributeError(f"module 'pip' has no attribute {name!r}")
    return importlib.metadata.version("pip")


def main(args: list[str] | None = None) -> int:
    """As pip's own: runs a command, such as `["install", "emoji==2.0.0"]`, and returns its exit code."""
    return run(sys.argv[1:] if args is None else list(args))
