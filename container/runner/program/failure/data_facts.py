"""Facts about data that a program could not find or read: files, texts, tables. The child loads this file when a
program has failed, like facts.py, which see."""

from __future__ import annotations

import difflib
import os
import sys
import time
import traceback
import types
from collections.abc import Iterator
from typing import Any, cast

Facts = dict[str, Any]
SEARCH_ENTRIES, SEARCH_S = 5_000, 0.3
NEAR_NAMES, SHOWN_NAMES = 3, 8
SIMILAR = 0.75  # of two file names, as difflib measures it
LOOKED_AT = 64 * 1024  # bytes of undecodable data
SIGNATURES = (
    (b"\x1f\x8b", "gzip"),
    (b"PK\x03\x04", "zip"),
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"PAR1", "parquet"),
    (b"SQLite format 3", "SQLite"),
    (b"\xd0\xcf\x11\xe0", "xls"),
)
# Errors of readers whose file is of another kind.
UNREADABLE = frozenset(
    "BadZipFile BadGzipFile UnidentifiedImageError ReadError PdfReadError PdfStreamError InvalidFileException".split()
)


def _frames(error: BaseException) -> list[types.FrameType]:
    """Frames of the error, the innermost first."""
    return [frame for frame, _ in traceback.walk_tb(error.__traceback__)][::-1]


def _file(error: BaseException) -> Facts | None:
    """Files of a similar name, or those that there are at all."""
    if not isinstance(error, FileNotFoundError) or error.filename is None:
        return None
    wanted = os.fsdecode(error.filename)
    raised_in = _frames(error)[0]
    if raised_in.f_code.co_name == "_execute_child":
        if f"{raised_in.f_locals.get('cwd')}" == wanted:
            return {"no_folder": wanted}
        if os.sep not in wanted:
            return None  # a command, which is looked for elsewhere
    folder, name = os.path.split(wanted)
    found = list(_files("."))
    same = [path for path in found if os.path.basename(path).lower() == name.lower()]
    names = {os.path.basename(path): path for path in found}
    close = difflib.get_close_matches(name, names, NEAR_NAMES, SIMILAR) if len(names) < 500 else []
    near = [path for path in same or [names[each] for each in close] if not os.path.exists(wanted)]
    if near:
        return {"near_files": sorted(near, key=len)[:NEAR_NAMES]}
    if folder and not os.path.isdir(folder):
        return {"no_folder": folder}
    shown = sorted(found, key=lambda path: (path.count(os.sep), path))[:SHOWN_NAMES]
    more = {"more_files": len(found) - len(shown)} if len(found) > len(shown) else {}
    return {"files_there": shown, **more} if shown else {"no_files": 1}


def _files(top: str) -> Iterator[str]:
    """Paths below the working folder, without hidden ones; bounded in number and time."""
    left, give_up = SEARCH_ENTRIES, time.monotonic() + SEARCH_S
    for folder, folders, names in os.walk(top):
        folders[:] = [
            each for each in folders if not each.startswith(".") and each not in ("node_modules", "__pycache__")
        ]
        for name in names:
            left -= 1
            if left < 0 or time.monotonic() > give_up:
                return
            if not name.startswith("."):
                yield os.path.relpath(os.path.join(folder, name), top)


def _undecodable(error: BaseException) -> Facts | None:
    """The kind of bytes that are no UTF-8."""
    if not isinstance(error, UnicodeDecodeError):
        return None
    data = error.object[:LOOKED_AT]
    facts: Facts = {"codec": error.encoding}
    for begin, name in SIGNATURES:
        if data.startswith(begin):
            return {**facts, "content": name}
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        return facts
    odd = [character for character in text if ord(character) > 127]
    sensible = [character for character in odd if character.isalpha() or character in "€£°§«»–—‘’“”…·²³½ ©®±×"]
    controls = sum(character < " " and character not in "\t\n\r\f" for character in text)
    if odd and not controls and len(sensible) >= 0.9 * len(odd) and len(odd) < 0.3 * len(text):
        facts["looks_like"] = "cp1252"
    return facts


def _no_json(error: BaseException) -> Facts | None:
    """The kind of a text that is no JSON."""
    text = getattr(error, "doc", None)
    if type(error).__name__ != "JSONDecodeError" or not isinstance(text, str):
        return None
    begin = text.lstrip("\ufeff \t\r\n")[:200].lower()
    if not begin:
        return {"no_json": "empty"}
    if begin.startswith(("<!doctype", "<html", "<?xml", "<head", "<body")):
        return {"no_json": "html"}
    if text.startswith("\ufeff"):
        return {"no_json": "mark"}
    if f"{error}".startswith("Extra data") and begin[0] in "{[" and "\n" in text.strip():
        return {"no_json": "lines"}
    return {"no_json": "single quotes"} if begin.startswith(("{'", "[{'", "['")) else None


def _labels(error: BaseException) -> Facts | None:
    """The existing labels, where pandas does not find one."""
    if "pandas" not in sys.modules or not isinstance(error, (KeyError, AttributeError)):
        return None
    frame, index_type = sys.modules["pandas"].DataFrame, sys.modules["pandas"].Index
    places: list[Any]
    if isinstance(error, AttributeError):
        places, wanted = [error.obj] if isinstance(error.obj, frame) else [], error.name
    else:
        inside = [each for each in _frames(error) if f"{each.f_globals.get('__name__')}".startswith("pandas.")]
        places, wanted = [each.f_locals.get(name) for each in inside for name in ("self", "obj")], error.args[0]
    for place in places:
        index: Any = place.columns if isinstance(place, frame) else place
        if isinstance(index, index_type) and 0 < len(index) <= 200:
            labels = [f"{label}" for label in index.tolist()]
            plain = [each.strip().lower() for each in labels]
            near = difflib.get_close_matches(f"{wanted}".strip().lower(), plain, 3, 0.6)
            first = [each for each in labels if each.strip().lower() in near]
            return {"labels": first + [each for each in labels if each not in first]}
    return None


def _content(error: BaseException) -> Facts | None:
    """The real kind of a file that could not be read as the one in its name."""
    if type(error).__name__ not in UNREADABLE and not f"{error}".startswith("Excel file format cannot be determined"):
        return None
    for frame in _frames(error):
        if frame.f_globals.get("__name__") == "__main__":
            continue  # only a library's own names tell what it reads
        for name in ("file", "filename", "fp", "path", "name", "io", "content_or_path", "stream"):
            path: object = frame.f_locals.get(name)
            if isinstance(path, (str, os.PathLike)) and os.path.isfile(file := os.fsdecode(cast("str", path))):
                with open(file, "rb") as data:
                    return {"file": os.path.basename(file), "really": _kind(data.read(512))}
    return None


def _kind(begin: bytes) -> str:
    for signature, name in SIGNATURES:
        if begin.startswith(signature):
            return name
    text = begin.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not text:
        return "empty"
    if text.startswith((b"<!doctype", b"<html", b"<head", b"<body")):
        return "html"
    return "other" if any(byte < 9 for byte in begin) else "text"


LOOKS = (_file, _undecodable, _no_json, _labels, _content)
