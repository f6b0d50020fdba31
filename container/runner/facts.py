"""What a failure knows beyond its class and message: which words of the platform are sure. The child loads this file
when a program has failed, in the program's own process; it is no module to programs and imports nothing of the runner.
A fact is a number, a text or a list of texts, all bounded; report.py checks them again."""

from __future__ import annotations

import ast
import difflib
import os
import re
import sys
import time
import types
from collections.abc import Iterator
from typing import Any

Facts = dict[str, Any]
TEXT_CHARS, LIST_ITEMS, ITEM_CHARS = 3000, 12, 120
SEARCH_ENTRIES, SEARCH_S = 5_000, 0.3
NEAR_NAMES, SHOWN_NAMES = 3, 8
SIMILAR = 0.75  # of two file names, as difflib measures it
LOOKED_AT = 64 * 1024  # bytes of undecodable data
HTTP_CLIENTS = {
    *("requests", "urllib", "urllib3", "httpx", "aiohttp", "openai", "anthropic", "groq", "botocore"),
    *("google", "googleapiclient", "huggingface_hub", "github", "discord", "pip", "tweepy"),
}
REQUIREMENT = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,80}(?:\[[A-Za-z0-9,_-]{1,80}\])?(?:[<>=!~][<>=!~0-9A-Za-z.,*+]{0,80})?")
SIGNATURES = (
    (b"\x1f\x8b", "gzip"), (b"PK\x03\x04", "zip"), (b"%PDF", "PDF"), (b"\x89PNG", "PNG"), (b"\xff\xd8\xff", "JPEG"),
    (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"PAR1", "parquet"), (b"SQLite format 3", "SQLite"),
    (b"\xd0\xcf\x11\xe0", "xls"),
)  # fmt: skip


def known(error: BaseException, main_file: str, source: bytes) -> Facts:
    """All that can be found out. What goes wrong in this is left out: a program's objects may do anything."""
    facts: Facts = {}
    for look in (_missing, _http, _command, _file, _undecodable, _no_json, _labels, _recursion):
        try:
            facts.update(look(error) or {})
        except Exception:
            continue
    try:
        facts.update(_name(error, source) or {})
    except Exception:
        pass  # as above
    return {name: _bounded(value) for name, value in facts.items()}


def _bounded(value: Any) -> Any:
    if isinstance(value, list):
        return [f"{item}"[:ITEM_CHARS] for item in value[:LIST_ITEMS]]
    return value if isinstance(value, int) else f"{value}"[:TEXT_CHARS]


def _chain(error: BaseException) -> Iterator[BaseException]:
    """What led to the error, the nearest first."""
    seen: list[BaseException] = []
    cause = error.__cause__ or error.__context__
    while cause is not None and cause not in seen and len(seen) < 20:
        seen.append(cause)
        yield cause
        cause = cause.__cause__ or cause.__context__


def _frames(error: BaseException) -> list[types.FrameType]:
    frames, trace = [], error.__traceback__
    while trace:
        frames.append(trace.tb_frame)
        trace = trace.tb_next
    return frames


def _missing(error: BaseException) -> Facts | None:
    """The module whose import failed before somebody put that into words of their own."""
    if isinstance(error, ModuleNotFoundError):
        return None
    for cause in _chain(error):
        if isinstance(cause, ModuleNotFoundError) and cause.name:
            top = cause.name.partition(".")[0]
            if isinstance(error, ImportError) or top.lower() in f"{error}".lower():
                return {"missing_module": cause.name}
    return None


def _http(error: BaseException) -> Facts | None:
    """The status of an answer, and for how many seconds it asks to be left alone."""
    if not HTTP_CLIENTS & {kind.__module__.partition(".")[0] for kind in type(error).__mro__}:
        return None
    response = getattr(error, "response", None)
    headers: Any = getattr(response, "headers", None) or getattr(error, "headers", None) or {}
    status = getattr(response, "status_code", None) or getattr(error, "status", None) or getattr(error, "code", None)
    if isinstance(response, dict):  # botocore's
        answer = response.get("ResponseMetadata", {})
        headers, status = answer.get("HTTPHeaders", {}), answer.get("HTTPStatusCode")
    facts: Facts = {"http_status": status} if isinstance(status, int) and 100 <= status <= 599 else {}
    wait = headers.get("retry-after") or headers.get("Retry-After")
    return {**facts, "retry_after_s": _seconds(f"{wait}")} if wait else facts


def _seconds(wait: str) -> int:
    """A number of seconds, or a date (RFC 9110)."""
    if wait.strip().replace(".", "", 1).isdecimal():
        return min(int(float(wait)) + (float(wait) % 1 > 0), 10**6)
    from email.utils import parsedate_to_datetime

    return max(0, min(round(parsedate_to_datetime(wait).timestamp() - time.time()), 10**6))


def _command(error: BaseException) -> Facts | None:
    """A command that could not be started, or failed: its name, and what it said when that was caught."""
    if isinstance(error, OSError):
        frames = _frames(error)
        if not frames or frames[-1].f_code.co_name != "_execute_child" or error.filename is None:
            return None
        wanted = os.fsdecode(frames[-1].f_locals["orig_executable"])
        # A path is a file like others; and the folder to start it in may be what is missing.
        return {"command": wanted} if os.fsdecode(error.filename) == wanted and os.sep not in wanted else None
    process = sys.modules.get("subprocess")
    if process is None or not isinstance(error, process.CalledProcessError):
        return None
    words = error.cmd.split() if isinstance(error.cmd, str) else [os.fsdecode(word) for word in error.cmd]
    said = error.stderr or error.output or ""
    said = (said.decode("utf-8", "replace") if isinstance(said, bytes) else said).strip()
    facts: Facts = {"command": os.path.basename(words[0])} if words else {}
    if said:
        facts["said"] = said[-TEXT_CHARS:]
    names = [os.path.basename(word) for word in words]
    if "install" in words and {"pip", "pip3", "uv"} & set(names):
        facts["installs"] = [word for word in words[words.index("install") + 1 :] if REQUIREMENT.fullmatch(word)]
    return facts


def _file(error: BaseException) -> Facts | None:
    """Where a file of this name is instead, or what there is at all."""
    if not isinstance(error, FileNotFoundError) or error.filename is None or _command(error):
        return None
    wanted = os.fsdecode(error.filename)
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
    """Paths below the working folder, without what is hidden; bounded in number and time."""
    left, give_up = SEARCH_ENTRIES, time.monotonic() + SEARCH_S
    for folder, folders, names in os.walk(top):
        folders[:] = [each for each in folders if not each.startswith(".") and each not in ("node_modules", "__pycache__")]
        for name in names:
            left -= 1
            if left < 0 or time.monotonic() > give_up:
                return
            if not name.startswith("."):
                yield os.path.relpath(os.path.join(folder, name), top)


def _undecodable(error: BaseException) -> Facts | None:
    """What bytes are that are no UTF-8."""
    if not isinstance(error, UnicodeDecodeError) or not isinstance(error.object, (bytes, bytearray)):
        return None
    data = bytes(error.object[:LOOKED_AT])
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
    """What a text is that is no JSON."""
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
    """The labels that there are where pandas does not find one."""
    if not isinstance(error, KeyError) or "pandas" not in sys.modules:
        return None
    for frame in reversed(_frames(error)):
        if not f"{frame.f_globals.get('__name__')}".startswith("pandas."):
            continue
        index = frame.f_locals.get("self")
        index = getattr(index, "columns", index)
        if isinstance(index, sys.modules["pandas"].Index) and 0 < len(index) <= 200:
            wanted, labels = f"{error.args[0]}", [f"{label}" for label in index.tolist()]
            near = difflib.get_close_matches(wanted.strip().lower(), [each.strip().lower() for each in labels], 3, 0.6)
            first = [each for each in labels if each.strip().lower() in near]
            return {"labels": first + [each for each in labels if each not in first]}
    return None


def _recursion(error: BaseException) -> Facts | None:
    return {"limit": f"{sys.getrecursionlimit()} calls"} if isinstance(error, RecursionError) else None


def _name(error: BaseException, source: bytes) -> Facts | None:
    """A name that the program itself binds nowhere: it expects that of an earlier program, or an import is missing."""
    if type(error) is not NameError or not getattr(error, "name", None):
        return None
    name = error.name
    for node in ast.walk(ast.parse(source)):
        names = (
            [node.id] if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
            else [node.arg] if isinstance(node, ast.arg)
            else [node.name] if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
            else [each.asname or each.name.partition(".")[0] for each in node.names]
            if isinstance(node, (ast.Import, ast.ImportFrom))
            else [getattr(node, "name", None)]
        )  # fmt: skip
        if name in names or "*" in names:
            return None
    return {"unbound": name}
