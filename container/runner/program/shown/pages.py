"""Loaded by its path into a program's interpreter, once the program has imported a library that opens a browser:
plotly, altair, bokeh, or webbrowser itself. A picture is kept where the library can make one, else the page."""

from __future__ import annotations

import functools
import importlib.util
import os
import shutil
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit

DOCUMENTS = (".html", ".htm", ".svg", ".pdf", ".png", ".jpg", ".jpeg", ".gif", ".webp")
FILE_BYTES = 20 * 1024 * 1024
URL_CHARS = 300
REASON_CHARS = 200
PACKAGES = {"kaleido": "kaleido", "vl_convert": "vl-convert-python"}


def keep_plotly(plotly_io: Any, shown: Any) -> None:
    """`fig.show()`, `plotly.io.show()` and `plotly.offline.iplot()`, with any renderer."""

    def show(fig: Any, renderer: str | None = None, validate: bool = True, **options: Any) -> None:
        def page(path: str) -> None:
            plotly_io.write_html(fig, path, include_plotlyjs="cdn", validate=validate)

        def picture(path: str) -> None:
            plotly_io.write_image(fig, path, validate=validate)

        _keep(shown, page, picture, "kaleido")

    plotly_io.show = show


def keep_altair(altair: Any, shown: Any) -> None:
    """`chart.show()` and `chart.display()`"""

    def show(self: Any, *args: Any, **options: Any) -> None:
        def page(path: str) -> None:
            self.save(path, format="html")

        def picture(path: str) -> None:
            self.save(path, format="png")

        _keep(shown, page, picture, "vl_convert")

    for base in altair.Chart.__mro__:
        for name in ("show", "display"):
            if name in vars(base):
                setattr(base, name, show)


def _keep(shown: Any, page: Callable[[str], object], picture: Callable[[str], object], maker: str) -> None:
    """Keeps a picture or a page. `maker`: the module that makes the picture."""
    try:
        if importlib.util.find_spec(maker):
            shown.write("png", picture)
            return
        reason = f"it takes {PACKAGES[maker]}, which pip_install installs"
    except Exception as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:REASON_CHARS]
    shown.say(f"there is no picture, so the page is kept: {reason}")
    shown.write("html", page)


def keep_bokeh_out_of_notebooks(output: Any, shown: Any) -> None:
    """Makes bokeh show as it does without a notebook: by webbrowser."""
    output.output_notebook = lambda *args, **options: None


def keep_bokeh_temporary(util: Any, shown: Any) -> None:
    """Gives a page without a name a temporary file: it would be written beside the program's file, or ours, over
    the page before."""
    util.detect_current_filename = lambda: None


def keep_opened(webbrowser: Any, shown: Any) -> None:
    """Keeps a file that would be opened; of an address it reports that nobody opens it."""

    def open_page(url: str, new: int = 0, autoraise: bool = True) -> bool:
        path = _local_file(url)
        if path is None:
            shown.say(f"webbrowser: there is no browser here, so nobody sees {url[:URL_CHARS]}")
            return False
        ending = os.path.splitext(path)[1].lower()
        if not shown.is_in_workspace(path) and ending in DOCUMENTS and os.path.getsize(path) <= FILE_BYTES:
            shown.write(ending[1:], functools.partial(shutil.copyfile, path))
        return True

    _ = webbrowser.register  # else it is another module
    webbrowser.open = open_page
    webbrowser.open_new = functools.partial(open_page, new=1)
    webbrowser.open_new_tab = functools.partial(open_page, new=2)


def _local_file(url: str) -> str | None:
    parts = urlsplit(url)
    if parts.scheme not in ("", "file"):
        return None
    path = unquote(parts.path) if parts.scheme else url
    return path if os.path.isfile(path) else None


PATCHES = {
    "plotly.io": keep_plotly,
    "altair": keep_altair,
    "bokeh.io.output": keep_bokeh_out_of_notebooks,
    "bokeh.io.util": keep_bokeh_temporary,
    "webbrowser": keep_opened,
}
