"""Loaded by its path into a program's interpreter: prints a value, such as that of the program's last expression,
and saves it as files, the way a notebook shows it. The program's own code does all of it, so nothing here may fail
the run: an error is printed on stderr, and the next plainer way is taken."""

from __future__ import annotations

import base64
import importlib.util
import io
import os
import sys
import traceback
from collections.abc import Callable
from typing import Any, cast

STEM = "last"  # of the files' names
SAVES_WHOLE = True  # also tables that are printed whole
TABLE_CHARS = 10_000  # of a table's text
TEXT_CHARS = 1_000  # of the text beside a document
FILE_BYTES = 20 * 1024 * 1024
# Methods of a value's class for its looks, the better ones first: of each group one is saved.
FORMATS = (
    (
        ("image/png", "_repr_png_", "last.png"),
        ("image/jpeg", "_repr_jpeg_", "last.jpg"),
        ("image/svg+xml", "_repr_svg_", "last.svg"),
    ),
    (("text/html", "_repr_html_", "last.html"), ("text/markdown", "_repr_markdown_", "last.md")),
)


def show(value: Any, folder: str, tables: dict[str, Any]) -> None:
    """Prints a value, or words for it; pictures, tables and documents become files in `folder`. `tables`: the names
    of last_table.py."""
    ways: dict[str, Callable[[], bool]] = {
        "figure": lambda: _show_figure(value, folder),
        "table": lambda: _show_table(value, folder, tables),
        "page": lambda: _show_plotly(value, folder),
        "document": lambda: _show_document(value, folder),
    }
    for name, way in ways.items():
        try:
            if way():
                return
        except BaseException as error:  # sys.exit() too: the program has come to its end already
            _tell(f"the {_kind(value)} is not shown as a {name}", error)
    _print_repr(value)


def _show_figure(value: Any, folder: str) -> bool:
    """Shows a figure of matplotlib, or of values that its functions return: axes, lines, lists of them."""
    figure = _figure_of(value)
    if figure is None:
        return False
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    saved = [_save(picture.getvalue(), folder, "last.png")]
    if "matplotlib.pyplot" in sys.modules:
        # After a `show` it would be saved once more at the end.
        sys.modules["matplotlib.pyplot"].close(figure)
    if figure is not value:
        _print_repr(value)
    _name("Figure", _saved_as(saved))
    return True


def _figure_of(value: Any, depth: int = 2) -> Any:
    figures = _class("matplotlib.figure", "Figure")
    if figures is None:
        return None
    if isinstance(value, figures):
        return value
    module = type(value).__module__
    if module.startswith(("matplotlib.", "seaborn.")) and isinstance(getattr(value, "figure", None), figures):
        return value.figure
    is_array = module == "numpy" and getattr(value, "dtype", None) == object  # noqa: E721  numpy's dtype is no class
    if depth and (is_array or issubclass(type(value), (list, tuple))):
        parts = list(getattr(value, "flat", value)[:8])
        return next((figure for each in parts if (figure := _figure_of(each, depth - 1))), None)
    return None


def _class(module: str, name: str) -> type[Any] | None:
    """A class of a library that the program has loaded."""
    found = getattr(sys.modules.get(module), name, None)
    return cast("type[Any]", found) if isinstance(found, type) else None


def _show_table(value: Any, folder: str, tables: dict[str, Any]) -> bool:
    table = tables["table_of"](value)
    if table is None:
        return False
    _print_cut(table.text, TABLE_CHARS)
    if not SAVES_WHOLE and tables["is_whole"](table) and len(table.text) <= TABLE_CHARS:
        return True
    facts = [f"{table.rows:,} rows", f"{table.columns:,} columns"]
    try:
        data, count = tables["csv_of"](table)
        first = "" if count == table.rows else f"the first {count:,} rows "
        facts.append(first + _saved_as([_save(data, folder, "last.csv")]))
    except BaseException as error:
        _tell("the table is not saved as CSV", error)
    _name(_kind(value), *facts)
    return True


def _show_plotly(value: Any, folder: str) -> bool:
    """Shows a page that fetches plotly's script, 5 MB, when it is opened; and a picture where kaleido is installed."""
    figures = _class("plotly.basedatatypes", "BaseFigure")
    if figures is None or not isinstance(value, figures):
        return False
    saved = [_save(value.to_html(include_plotlyjs="cdn").encode("utf-8", "replace"), folder, "last.html")]
    if importlib.util.find_spec("kaleido"):
        try:
            saved.insert(0, _save(value.to_image(format="png"), folder, "last.png"))
        except BaseException as error:
            _tell("there is no picture of the figure", error)
    kinds = ", ".join(dict.fromkeys(f"{trace.type}" for trace in value.data))
    _name("plotly Figure", f"{len(value.data)} traces ({kinds})" if kinds else "no traces", _saved_as(saved))
    return True


def _show_document(value: Any, folder: str) -> bool:
    """Shows the document that its class makes. The class is asked: there are objects that have every attribute."""
    bundle = {}
    try:
        bundle = dict(_content(value, "_repr_mimebundle_", include=None, exclude=None) or {})
    except BaseException as error:
        _tell(f"the {_kind(value)} gives no bundle", error)
    saved: list[str] = []
    for formats in FORMATS:
        for mime, method, name in formats:
            try:
                content = bundle.get(mime) or _content(value, method)
                if content:
                    saved.append(_save(_as_bytes(mime, content), folder, name))
                    break
            except BaseException as error:
                _tell(f"the {_kind(value)} is not shown as {mime}", error)
    if saved:
        if type(value).__repr__ is not object.__repr__:
            _print_repr(value, TEXT_CHARS)
        _name(_kind(value), _saved_as(saved))
    return bool(saved)


def _content(value: object, method: str, **options: None) -> Any:
    """The result of a method of its class, without the metadata that may come with it."""
    if not hasattr(type(value), method):
        return None
    content: object = getattr(value, method)(**options)
    return cast("tuple[object, ...]", content)[0] if isinstance(content, tuple) else content


def _as_bytes(mime: str, content: str | bytes) -> bytes:
    if isinstance(content, bytes):
        return content
    if mime in ("image/png", "image/jpeg"):
        return base64.b64decode(content)
    if mime == "text/html" and not content.lstrip()[:9].lower().startswith(("<!doctype", "<html")):
        content = f'<!DOCTYPE html>\n<meta charset="utf-8">\n{content}\n'
    return content.encode("utf-8", "replace")


def _save(data: bytes, folder: str, name: str) -> str:
    """Saves a file. Returns its path in the working folder. Nothing is left of a file that cannot be written whole."""
    if len(data) > FILE_BYTES:
        raise ValueError(f"{name} would have {len(data):,} bytes, more than {FILE_BYTES:,}")
    os.makedirs(folder, exist_ok=True)
    path = _free(folder, name)
    try:
        with open(path, "wb") as file:
            file.write(data)
    except OSError:
        if os.path.lexists(path):
            os.unlink(path)
        raise
    return os.path.join(".outputs", os.path.basename(folder), os.path.basename(path))


def _free(folder: str, name: str) -> str:
    """`last.png`, or `display.png`, `display-2.png` …"""
    _, dot, kind = name.partition(".")
    number = 1
    while os.path.lexists(path := os.path.join(folder, f"{STEM}{f'-{number}' if number > 1 else ''}{dot}{kind}")):
        number += 1
    return path


def _print_repr(value: Any, limit: int | None = None) -> None:
    try:
        if limit is None:
            sys.displayhook(value)
        else:
            _print_cut(repr(value), limit)
    except BaseException as error:
        _tell(f"the {_kind(value)} has no repr()", error)


def _print_cut(text: str, limit: int) -> None:
    if len(text) > limit:
        line_end = text.rfind("\n", limit // 2, limit)
        kept = text[: line_end if line_end > 0 else limit]
        text = f"{kept}\n[... {len(text) - len(kept):,} characters left out]"
    print(text)


def _name(kind: str, *facts: str) -> None:
    """Prints one line that names the files: those that the output names come first among the attached ones."""
    print(f"[{kind}: {', '.join(facts)}]")


def _saved_as(paths: list[str]) -> str:
    return f"saved as {' and '.join(paths)}"


def _kind(value: Any) -> str:
    return type(value).__name__


def _tell(what: str, error: BaseException) -> None:
    """Prints one line about an error, with the program's own line in which it happened, if any."""
    program, line, trace = getattr(sys.modules.get("__main__"), "__file__", None), None, error.__traceback__
    while trace:
        if trace.tb_frame.f_code.co_filename == program:
            line = trace.tb_lineno
        trace = trace.tb_next
    try:
        words = traceback.format_exception_only(type(error), error)[-1].strip()
        print(f"show_last: {what}: {words}" + (f" (line {line})" if line else ""), file=sys.stderr)
    except BaseException:
        return  # stderr is closed, or something of the program's own: nobody is left to tell
