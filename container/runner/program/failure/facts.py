"""Facts about a failure beyond its class and message, so that the platform's words are certain. The child loads
this file when a program has failed, in the program's own process; it is no module to programs and imports nothing
of the runner. A fact is a number, a text or a list of texts, all bounded; report.py checks them again."""

from __future__ import annotations

import ast
import os
import re
import sys
import time
import traceback
import types
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import subprocess

Facts = dict[str, Any]
TEXT_CHARS, LIST_ITEMS, ITEM_CHARS = 3000, 12, 120
HTTP_CLIENTS = {
    *("requests", "urllib", "urllib3", "httpx", "aiohttp", "openai", "anthropic", "groq", "botocore"),
    *("google", "googleapiclient", "huggingface_hub", "github", "discord", "pip", "telegram", "tweepy"),
}
REQUIREMENT = re.compile(
    r"[A-Za-z][A-Za-z0-9._-]{0,80}(?:\[[A-Za-z0-9,_-]{1,80}\])?(?:[<>=!~][<>=!~0-9A-Za-z.,*+]{0,80})?"
)


def known(error: BaseException, source: bytes, looks: Iterable[Callable[[BaseException], Facts | None]]) -> Facts:
    """All facts that can be found out, also by `looks`. Errors on the way are left out: a program's objects may do
    anything."""
    facts: Facts = {}

    def unbound(error: BaseException) -> Facts | None:
        return _name(error, source)

    for look in (*LOOKS, unbound, *looks):
        try:
            facts.update(look(error) or {})
        except Exception:
            continue
    return {name: _bounded(value) for name, value in facts.items()}


def _bounded(value: object) -> int | str | list[str]:
    if isinstance(value, list):
        return [f"{item}"[:ITEM_CHARS] for item in cast("list[object]", value)[:LIST_ITEMS]]
    return value if isinstance(value, int) else f"{value}"[:TEXT_CHARS]


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The errors that led to the error, the nearest first."""
    seen: list[BaseException] = []
    cause = error.__cause__ or error.__context__
    while cause is not None and cause not in seen and len(seen) < 20:
        seen.append(cause)
        yield cause
        cause = cause.__cause__ or cause.__context__


def _frames(error: BaseException) -> list[types.FrameType]:
    return [frame for frame, _ in traceback.walk_tb(error.__traceback__)]


def _missing(error: BaseException) -> Facts | None:
    """The module whose import failed, when somebody has put that into words of their own."""
    if isinstance(error, ModuleNotFoundError):
        return None
    for cause in _chain(error):
        if isinstance(cause, ModuleNotFoundError) and cause.name:
            top = cause.name.partition(".")[0]
            no_zones = type(error).__name__ == "ZoneInfoNotFoundError" and not os.path.isdir("/usr/share/zoneinfo")
            if isinstance(error, ImportError) or no_zones or top.lower() in f"{error}".lower():
                return {"missing_module": cause.name}
    return None


def _shadow(error: BaseException) -> Facts | None:
    """A file of the working folder that is found in place of a module of the library or of a package."""
    if isinstance(error, AttributeError) and isinstance(error.obj, types.ModuleType):
        name, path = error.obj.__name__, getattr(error.obj, "__file__", None)
    elif isinstance(error, ImportError):
        name, path = error.name, error.path
    else:
        return None
    here = os.getcwd()
    if not name or "." in name or not path or os.path.dirname(os.path.realpath(path)) != os.path.realpath(here):
        return None
    from importlib.machinery import PathFinder

    elsewhere = [entry for entry in sys.path if os.path.realpath(entry or ".") != os.path.realpath(here)]
    hides = name in sys.stdlib_module_names or PathFinder.find_spec(name, elsewhere) is not None
    return {"shadowed": os.path.basename(path)} if hides else None


def _http(error: BaseException) -> Facts | None:
    """The status of an answer, and the seconds that it asks to wait."""
    if not HTTP_CLIENTS & {kind.__module__.partition(".")[0] for kind in type(error).__mro__}:
        return None
    response: Any = getattr(error, "response", None)
    headers: Any = getattr(response, "headers", None) or getattr(error, "headers", None) or getattr(error, "resp", {})
    status: Any = (
        getattr(response, "status_code", None) or getattr(error, "status", None) or getattr(error, "code", None)
    )
    if isinstance(response, dict):  # botocore's
        answer: Any = cast("dict[str, Any]", response).get("ResponseMetadata", {})
        headers, status = answer.get("HTTPHeaders", {}), answer.get("HTTPStatusCode")
    facts: Facts = {"http_status": status} if isinstance(status, int) and 100 <= status <= 599 else {}
    wait = headers.get("retry-after") or headers.get("Retry-After") or getattr(error, "retry_after", None)
    return {**facts, "retry_after_s": _seconds(f"{wait}")} if wait else facts


def _seconds(wait: str) -> int:
    """A number of seconds, or a date (RFC 9110)."""
    if wait.strip().replace(".", "", 1).isdecimal():
        return min(int(float(wait)) + (float(wait) % 1 > 0), 10**6)
    from email.utils import parsedate_to_datetime

    return max(0, min(round(parsedate_to_datetime(wait).timestamp() - time.time()), 10**6))


def _command(error: BaseException) -> Facts | None:
    """A command that could not be started, or failed: its name, and its output when that was caught."""
    if isinstance(error, OSError):
        frames = _frames(error)
        if not frames or frames[-1].f_code.co_name != "_execute_child" or error.filename is None:
            return None
        wanted = os.fsdecode(frames[-1].f_locals["orig_executable"])
        if " " in wanted.strip() and os.sep not in wanted.split()[0]:
            return {"command_line": wanted}
        # A path is a file like others; and the missing one may be the folder to start it in.
        return {"command": wanted} if os.fsdecode(error.filename) == wanted and os.sep not in wanted else None
    process = sys.modules.get("subprocess")
    if process is None or not isinstance(error, process.CalledProcessError):
        return None
    failed = cast("subprocess.CalledProcessError", error)
    words = failed.cmd.split() if isinstance(failed.cmd, str) else [os.fsdecode(word) for word in failed.cmd]
    output = failed.stderr or failed.output or ""
    said = (output.decode("utf-8", "replace") if isinstance(output, bytes) else output).strip()
    facts: Facts = {"command": os.path.basename(words[0])} if words else {}
    if said:
        facts["said"] = said[-TEXT_CHARS:]
    names = [os.path.basename(word) for word in words]
    if "install" in words and {"pip", "pip3", "uv"} & set(names):
        facts["installs"] = [word for word in words[words.index("install") + 1 :] if REQUIREMENT.fullmatch(word)]
    return facts


def _variable(error: BaseException) -> Facts | None:
    """A variable that the environment does not have."""
    frames = _frames(error) if isinstance(error, KeyError) else []
    if not frames or frames[-1].f_globals.get("__name__") != "os" or frames[-1].f_code.co_name != "__getitem__":
        return None
    return {"no_variable": error.args[0]}


def _number(error: BaseException) -> Facts | None:
    """The obstacle that keeps a text from being a number."""
    begin = "could not convert string to float: '"
    if not isinstance(error, ValueError) or not f"{error}".startswith(begin):
        return None
    text = f"{error}"[len(begin) :].split("'")[0]
    if any(character.isdecimal() for character in text):
        odd = sorted({character for character in text if character in ",%$€£¥ _'"})
        return {"in_number": odd} if odd else None
    return None


def _recursion(error: BaseException) -> Facts | None:
    return {"limit": f"{sys.getrecursionlimit()} calls"} if isinstance(error, RecursionError) else None


def _name(error: BaseException, source: bytes) -> Facts | None:
    """A name that the program itself binds nowhere: it expects that of an earlier program, or an import is missing."""
    if type(error) is not NameError or not getattr(error, "name", None):
        return None
    name = error.name
    for node in ast.walk(ast.parse(source)):
        names = _bound(node)
        if name in names or "*" in names:
            return None
    return {"unbound": name}


def _bound(node: ast.AST) -> list[str | None]:
    if isinstance(node, ast.Name):
        return [] if isinstance(node.ctx, ast.Load) else [node.id]
    if isinstance(node, ast.arg):
        return [node.arg]
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return [each.asname or each.name.partition(".")[0] for each in node.names]
    return [getattr(node, "name", None)]  # a function, a class, an exception that is caught


LOOKS: tuple[Callable[[BaseException], Facts | None], ...] = (
    *(_missing, _shadow, _http, _command, _variable, _number, _recursion),
)
