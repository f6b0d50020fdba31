"""Loaded by its path into a program's interpreter, once the program has imported matplotlib.pyplot: saves each
figure once that the program shows, or leaves open at its end."""

from __future__ import annotations

import atexit
import functools
import os
import sys
import time
import weakref
from typing import Any, cast

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif")  # types that a model sees among a program's own files
REDRAW_S = 1.0  # least time between two saves of a window that changes
# Backends that draw into a window or a notebook. A program gets the latter anyway.
WINDOWS = ("gtk", "macosx", "qt", "tk", "webagg", "wx")
NOTEBOOKS = ("inline", "ipympl", "module://", "nbagg", "notebook", "widget")


class Picture:
    """A figure that was saved or shown. Both paths hold it as it is, until it changes."""

    def __init__(self) -> None:
        self.ours: str | None = None
        self.own: str | None = None  # of the program, in the workspace
        self.at = 0.0  # when ours was made
        self.drawn = False  # since then, so that it is up to date though it has changed


def keep_figures(pyplot: Any, shown: Any) -> None:
    """`plt.show()`, `fig.show()`, and the end: a figure becomes `figure-1.png` … in the folder of shown files."""
    pictures: weakref.WeakKeyDictionary[Any, Picture] = weakref.WeakKeyDictionary()
    figure_class = pyplot.Figure
    originals = {name: getattr(pyplot, name) for name in ("show", "pause", "switch_backend")}
    save, show_one, draw_one = figure_class.savefig, figure_class.show, figure_class.draw
    has_shown = False

    def draws() -> bool:
        return pyplot.get_backend().lower() == "agg"

    def picture_of(figure: Any) -> Picture:
        return pictures.setdefault(figure, Picture())

    def is_changed(figure: Any) -> bool:
        return figure.stale or picture_of(figure).drawn

    def set_unchanged(figure: Any) -> None:
        figure.stale = picture_of(figure).drawn = False

    def keep(figure: Any) -> None:
        nonlocal has_shown
        has_shown = True
        picture = picture_of(figure)
        if not is_changed(figure) and any(path and os.path.exists(path) for path in (picture.own, picture.ours)):
            return
        picture.ours = shown.write("png", functools.partial(save, figure), picture.ours)
        picture.own, picture.at = None, time.monotonic()
        set_unchanged(figure)

    @functools.wraps(draw_one)
    def draw(self: Any, *args: Any, **options: Any) -> Any:
        if self.stale and self in pictures:
            pictures[self].drawn = True
        return draw_one(self, *args, **options)

    @functools.wraps(save)
    def savefig(self: Any, fname: Any, *args: Any, **options: Any) -> Any:
        was_changed, picture = is_changed(self), picture_of(self)
        result = save(self, fname, *args, **options)
        path = _picture_path(fname, options.get("format"), pyplot)
        if was_changed:
            picture.ours = picture.own = None  # they show it as it was
        if path and shown.is_in_workspace(path):
            picture.own = os.path.realpath(path)
            if picture.ours:
                shown.forget(picture.ours)
                picture.ours = None
        if picture.own or not was_changed:
            set_unchanged(self)
        return result

    @functools.wraps(originals["show"])
    def show(*args: Any, **options: Any) -> Any:
        if not draws():
            return originals["show"](*args, **options)
        block = args[0] if args else options.get("block")
        for figure in _open_figures(pyplot):
            keep(figure)
            if block or (block is None and not pyplot.isinteractive()):
                # as when its window was closed: the next figure is not drawn over it
                pyplot.close(figure)
        return None

    @functools.wraps(show_one)
    def show_figure(self: Any, warn: bool = True) -> Any:
        if not draws():
            return show_one(self, warn)
        keep(self)
        return None

    @functools.wraps(originals["pause"])
    def pause(interval: float) -> Any:
        if not draws():
            return originals["pause"](interval)
        for figure in _open_figures(pyplot):
            if time.monotonic() - picture_of(figure).at >= REDRAW_S:
                keep(figure)
        time.sleep(interval)
        return None

    @functools.wraps(originals["switch_backend"])
    def switch_backend(newbackend: Any) -> Any:
        name = newbackend.lower() if isinstance(newbackend, str) else "auto"
        if name.startswith(WINDOWS):
            shown.say(f"matplotlib: there is no screen for {newbackend}; figures are drawn with Agg and saved.")
        if name == "auto" or name.startswith((*WINDOWS, *NOTEBOOKS)):
            newbackend = "agg"
        return originals["switch_backend"](newbackend)

    def keep_open() -> None:
        if not draws():
            return
        failed = getattr(sys, "last_type", None) is not None
        for figure in _open_figures(pyplot):
            picture = pictures.get(figure)
            # Kept at the end: a window that has changed, and a figure that was neither saved, as a movie for example,
            # nor shown. A failed program's figure is not worth a picture unless it shows its figures.
            if picture.ours if picture else _has_content(figure) and (has_shown or not failed):
                shown.attempt(functools.partial(keep, figure))

    figure_class.savefig, figure_class.show, figure_class.draw = savefig, show_figure, draw
    pyplot.show, pyplot.pause, pyplot.switch_backend = show, pause, switch_backend
    atexit.register(shown.at_end(keep_open))


def _open_figures(pyplot: Any) -> list[Any]:
    numbers = pyplot.get_fignums()
    if not numbers:
        return []
    current = pyplot.gcf().number
    figures = [pyplot.figure(number) for number in numbers]
    pyplot.figure(current)
    return figures


def _has_content(figure: Any) -> bool:
    """Returns whether a figure shows something: a library makes some only to measure something."""
    if figure.texts or figure.images or figure.lines or figure.patches or figure.legends or figure.artists:
        return True
    return any(axes.has_data() or axes.texts or axes.tables or axes.artists for axes in figure.axes)


def _picture_path(fname: object, chosen: str | None, pyplot: Any) -> str | None:
    """Path at which savefig has put a picture; None when it is of another kind, or in no file."""
    if not isinstance(fname, (str, os.PathLike)):
        return None
    path = os.fsdecode(cast("str", fname))
    if chosen is None and not os.path.splitext(path)[1]:
        path = f"{path.rstrip('.')}.{pyplot.rcParams['savefig.format']}"
    return path if path.lower().endswith(PICTURES) else None


def explain_films(animation: Any, shown: Any) -> None:
    """Explains an animation that is only shown: it is seen as one picture."""
    films: weakref.WeakSet[Any] = weakref.WeakSet()
    begin = animation.Animation.__init__

    @functools.wraps(begin)
    def __init__(self: Any, *args: Any, **options: Any) -> None:
        begin(self, *args, **options)
        films.add(self)

    def explain(self: Any) -> None:
        if not getattr(self, "_draw_was_started", True):
            shown.say(
                "matplotlib: an animation was not saved, so one picture of it is shown at most. Next: save it, as with "
                'animation.save("film.gif", writer="pillow").'
            )

    animation.Animation.__init__, animation.Animation.__del__ = __init__, explain
    atexit.register(shown.at_end(lambda: [explain(film) for film in films]))


PATCHES = {"matplotlib.pyplot": keep_figures, "matplotlib.animation": explain_films}
