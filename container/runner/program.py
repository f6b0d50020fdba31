"""A program's text as code, and the value of its last expression, shown. Loaded by its path into the program's
interpreter."""

from __future__ import annotations

import ast
import importlib.util
import threading
import warnings
from collections.abc import Callable
from types import CodeType, CoroutineType, ModuleType
from typing import Any, NamedTuple

Load = Callable[[str], dict[str, Any]]  # what another of our files defines


class Program(NamedTuple):
    """Whoever asks executes `parts` in their order, so that a program has the whole depth of recursion. The value of the
    last part goes to `finish`."""

    parts: tuple[CodeType, ...]
    finish: Callable[[Any], None]


def prepare(
    main: ModuleType, source: bytes, show_last: str, is_quiet: Callable[[], bool], folder: str, load: Load
) -> Program:
    """Raises what Python says of a text that is no program. `show_last`: `always`, `never`, or `quiet`, which means when
    `is_quiet` finds that nothing was printed or saved. What is shown may become files in `folder`."""
    file = main.__file__
    code = compile(source, file, "exec", dont_inherit=True)
    showing = None
    if show_last == "always":
        showing = load("last_value.py"), load("last_table.py")  # while files can surely be opened
    parts, has_last = (code,), False
    if show_last != "never":
        parts, has_last = _split(source, code, file, showing and showing[0]["_tell"])

    def finish(value: Any) -> None:
        if value is None or not has_last:
            return
        if show_last == "quiet" and isinstance(value, CoroutineType):
            _warn_of_coroutine(value, parts[-1])
            return
        if show_last == "quiet" and not (_ended_threads() and is_quiet()):
            return
        try:
            values, tables = showing or (load("last_value.py"), load("last_table.py"))
            values["SAVES_WHOLE"] = show_last == "always"
            values["show"](value, folder, tables)
        except BaseException:
            return  # it has said what is wrong, unless even that was impossible: the program is done all the same

    return Program(parts, finish)


def _split(source: bytes, code: CodeType, file: str,
           tell: Callable[[str, BaseException], None] | None) -> tuple[tuple[CodeType, ...], bool]:  # fmt: skip
    """The program without its last expression, and that; or `code` and False when its last statement is no expression or,
    as in notebooks, ends with a semicolon."""
    whole = (code,), False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = ast.parse(source, file).body
            if not body or not isinstance(body[-1], ast.Expr) or _is_silenced(body[-1], source):
                return whole
            value = body[-1].value
            last = compile(ast.Expression(value), file, "eval", dont_inherit=True)
            if len(body) == 1 and isinstance(value, ast.Constant):
                return (code, last), True  # a text alone is the program's `__doc__` as well
            rest = compile(ast.Module(body[:-1], []), file, "exec", dont_inherit=True)
            return (rest, last), True
    except (RecursionError, MemoryError) as error:
        if tell:
            tell("the last expression is not shown", error)
        return whole  # from source, Python compiles what is nested deeper


def _is_silenced(last: ast.Expr, source: bytes) -> bool:
    line = importlib.util.decode_source(source).split("\n")[last.end_lineno - 1]
    return line.encode("utf-8", "surrogatepass")[last.end_col_offset :].lstrip().startswith(b";")


def _warn_of_coroutine(value: CoroutineType, last: CodeType) -> None:
    """As Python does when nobody awaits one, with the program's own line."""
    value.close()
    line = max(line for _, _, line in last.co_lines() if line)
    words = f"coroutine '{value.__qualname__}' was never awaited"
    warnings.warn_explicit(words, RuntimeWarning, last.co_filename, line)


def _ended_threads() -> bool:
    """Waits for the program's threads, as its end would: what they print counts."""
    mine = threading.current_thread()
    if any(not each.daemon and each is not mine for each in threading.enumerate()):
        threading._shutdown()
    return True
