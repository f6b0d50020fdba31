"""Loaded by its path into a program's interpreter, once the program has imported matplotlib.pyplot: what it shows is
saved. Nobody sees a window of it."""

from __future__ import annotations

import atexit
import os
from typing import Any

MOST = 20  # figures of one process


def keep_shown(pyplot: Any, folder: str) -> None:
    """From the first `show` on, the figures that are open then, or at the end, become `figure-1.png` … in `folder`."""
    original = pyplot.show
    kept: list[str] = []

    def keep_open() -> None:
        for number in pyplot.get_fignums():
            if len(kept) == MOST:
                return
            os.makedirs(folder, exist_ok=True)
            path = _free(folder)
            pyplot.figure(number).savefig(path)
            kept.append(path)
            # as when its window was closed: what is drawn next is not drawn over it
            pyplot.close(number)

    def show(*args: Any, **options: Any) -> Any:
        if pyplot.get_backend().lower() != "agg":
            return original(*args, **options)
        atexit.unregister(keep_open)
        atexit.register(keep_open)
        keep_open()
        return None

    pyplot.show = show


def _free(folder: str) -> str:
    number = 1
    while os.path.exists(path := os.path.join(folder, f"figure-{number}.png")):
        number += 1
    return path
