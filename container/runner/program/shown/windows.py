"""Loaded by its path into a program's interpreter, once the program has imported a library that opens windows:
Pillow's ImageShow, cv2 or pygame. The pictures are saved instead."""

from __future__ import annotations

import atexit
import functools
import os
import time
from collections.abc import Callable
from typing import Any

MODES = ("1", "L", "LA", "I", "I;16", "P", "RGB", "RGBA")  # Pillow's modes that a PNG has
REDRAW_S = 1.0  # least time between two saves of a window whose picture changes


def keep_pillow(image_show: Any, shown: Any) -> None:
    """`image.show()`"""

    def show(image: Any, title: str | None = None, **options: Any) -> bool:
        picture = image if image.mode in MODES else image.convert("RGB")
        shown.write("png", lambda path: picture.save(path, format="PNG"))
        return True

    image_show.show = show


class Window:
    """A window of cv2 or pygame: a film of pictures is one file, which in the end holds the last one."""

    def __init__(self) -> None:
        self.path: str | None = None
        self.at = 0.0
        self.waiting: Any = None  # a picture that is not saved yet


def keep_cv2(cv2: Any, shown: Any) -> None:
    """`cv2.imshow()` and its functions for windows. A wait for a key without end is answered with q."""
    windows: dict[str, Window] = {}
    write = cv2.imwrite

    def save(window: Window) -> None:
        if window.waiting is None:
            return
        picture, window.waiting = _as_bytes(window.waiting), None
        window.path = shown.write("png", lambda path: write(path, picture), window.path)
        window.at = time.monotonic()

    def save_all() -> None:
        for window in windows.values():
            save(window)

    def imshow(winname: str, mat: Any) -> None:
        window = windows.setdefault(winname, Window())
        window.waiting = mat.get() if hasattr(mat, "get") else mat.copy()
        if time.monotonic() - window.at >= REDRAW_S:
            save(window)

    def wait_key(delay: int = 0) -> int:
        if delay > 0:
            time.sleep(delay / 1000)
            return -1
        close_all()
        return ord("q")

    def close_all() -> None:
        save_all()
        windows.clear()

    def close(winname: str) -> None:
        save(windows.pop(winname, Window()))

    def nothing(*args: Any, **options: Any) -> None:
        return None

    cv2.imshow, cv2.waitKey, cv2.waitKeyEx, cv2.pollKey = imshow, wait_key, wait_key, lambda: -1
    cv2.destroyAllWindows, cv2.destroyWindow = close_all, close
    cv2.getWindowProperty = lambda winname, prop_id: 1.0
    for name in "namedWindow moveWindow resizeWindow setWindowTitle setWindowProperty setMouseCallback".split():
        setattr(cv2, name, nothing)
    atexit.register(shown.at_end(save_all))


def keep_pygame(pygame: Any, shown: Any) -> None:
    """Saves the display of pygame, which draws without a screen, and is silent without sound, also in its errors."""
    os.environ.setdefault("SDL_AUDIODRIVER", "dummy")
    window, display = Window(), pygame.display
    flip, update, quit_display, quit_all = display.flip, display.update, display.quit, pygame.quit

    def save() -> None:
        surface = display.get_surface() if display.get_init() else None
        if surface is not None and window.waiting:
            window.path = shown.write("png", lambda path: pygame.image.save(surface, path), window.path)
            window.at, window.waiting = time.monotonic(), None

    def then(act: Callable[..., Any], is_last: bool) -> Callable[..., Any]:
        @functools.wraps(act)
        def acted(*args: Any, **options: Any) -> Any:
            if is_last:
                save()
                return act(*args, **options)
            result, window.waiting = act(*args, **options), True
            if time.monotonic() - window.at >= REDRAW_S:
                save()
            return result

        return acted

    display.flip, display.update = then(flip, False), then(update, False)
    display.quit, pygame.quit = then(quit_display, True), then(quit_all, True)
    atexit.register(shown.at_end(save))


def _as_bytes(picture: Any) -> Any:
    """The picture that imshow makes of numbers other than bytes."""
    if picture.dtype.kind == "f":
        return (picture * 255).clip(0, 255).astype("uint8")
    if picture.dtype == bool:
        return picture.astype("uint8") * 255
    return (picture >> 8).astype("uint8") if picture.dtype == "uint16" else picture


PATCHES = {"PIL.ImageShow": keep_pillow, "cv2": keep_cv2, "pygame": keep_pygame}
