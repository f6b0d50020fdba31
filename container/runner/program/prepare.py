"""A program's text as code: as it stands, or as a notebook cell, when Python cannot read it or it takes a notebook
for granted; and the value of its last expression, shown. Loaded by its path into the program's interpreter."""

from __future__ import annotations

import ast
import importlib.util
import threading
import warnings
from collections.abc import Callable
from types import CodeType, CoroutineType, ModuleType
from typing import Any, NamedTuple, cast

CO_COROUTINE = 0x80
NOTEBOOK_NAMES = {"display", "get_ipython"}  # as in notebook/detection.py, which few programs need
Load = Callable[[str], dict[str, Any]]  # returns the names that another of our files defines


class Program(NamedTuple):
    """A program that is ready. The caller executes `parts` in their order, so that a program has the whole depth of
    recursion, or calls `awaiting` where there is one. The value of the last part goes to `finish`; `fail` is called
    when a part fails."""

    parts: tuple[CodeType, ...]
    awaiting: Callable[[], Any] | None
    finish: Callable[[Any], None]
    fail: Callable[[], None]


def prepare(
    main: ModuleType, source: bytes, show_last: str, is_quiet: Callable[[], bool], folder: str, load: Load
) -> Program:
    """Prepares a text. Raises Python's error for a text that is no program. `show_last`: `always`, `never`, or
    `quiet`, which means when `is_quiet` finds that nothing was printed or saved. Shown values may become files in
    `folder`."""
    file = main.__file__
    assert file is not None  # child.py has set it
    code = _compiled(source, file)
    cell = load("notebook/cell.py") if code is None or b"IPython" in source or NOTEBOOK_NAMES & _names(code) else None
    text = _as_cell(cell, code, source, file, load) if cell else None
    if text is not None:
        code = _compiled_cell(text, file, warns=code is None)
    elif code is None:
        code = compile(source, file, "exec", dont_inherit=True)  # fails, as it stands
    shell = _notebook(main, text, file, cell, folder, load) if cell and text is not None else None
    showing = None
    if show_last == "always":
        showing = load("shown/last_value.py"), load("shown/last_table.py")  # while files can surely be opened
    parts, has_last = (code,), False
    if show_last != "never":
        parts, has_last = _split(text or source, code, file, shell is not None, showing and showing[0]["_tell"])

    def finish(value: Any) -> None:
        if shell:
            shell.finish(has_failed=False)
        if value is None or not has_last:
            return
        if show_last == "quiet" and isinstance(value, CoroutineType):
            _warn_of_coroutine(cast("CoroutineType[Any, Any, Any]", value), parts[-1])
            return
        if show_last == "quiet" and shell is None and not (_ended_threads() and is_quiet()):
            return
        try:
            values, tables = showing or (load("shown/last_value.py"), load("shown/last_table.py"))
            values["SAVES_WHOLE"] = show_last == "always"
            values["show"](value, folder, tables)
        except BaseException:
            return  # it has reported the error, unless even that was impossible: the program is done all the same

    awaits = any(part.co_flags & CO_COROUTINE for part in parts)
    return Program(
        parts,
        (lambda: load("awaiting.py")["execute"](parts, main.__dict__)) if awaits else None,
        finish,
        lambda: shell and shell.finish(has_failed=True),
    )


def _compiled(source: bytes, file: str) -> CodeType | None:
    try:
        return compile(source, file, "exec", dont_inherit=True)
    except SyntaxError:
        return None


def _names(code: CodeType) -> set[str]:
    """Every name that is looked up, for any purpose."""
    found: set[str] = set()
    left = [code]
    while left:
        each = left.pop()
        found.update(each.co_names)
        left += [part for part in each.co_consts if isinstance(part, CodeType)]
    return found


def _as_cell(cell: dict[str, Any], code: CodeType | None, source: bytes, file: str, load: Load) -> str | None:
    """The cell as Python; None for a program that is none, or is broken without being one."""
    try:
        text = importlib.util.decode_source(source)
    except (SyntaxError, UnicodeDecodeError):
        return None
    if code is not None:
        return text if load("notebook/detection.py")["takes_notebook"](_parsed(text, file)) else None
    changed = cell["transform"](text, load("notebook/install_command.py")["requirements"], file)
    if not changed.has_magic and not _awaits(text, file):
        return None
    return changed.python


def _parsed(text: str, file: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its warnings were printed when it was compiled
        return ast.parse(text, file)


def _awaits(text: str, file: str) -> bool:
    try:
        _compiled_cell(text, file, warns=False)
        return True
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def _compiled_cell(text: str, file: str, warns: bool) -> CodeType:
    with warnings.catch_warnings():
        if not warns:
            warnings.simplefilter("ignore")
        return compile(text, file, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)


def _notebook(main: ModuleType, text: str, file: str, cell: dict[str, Any], folder: str, load: Load) -> Any:
    """Puts `display` and `get_ipython` where IPython has them; returns what the latter returns."""
    values, tables = load("shown/last_value.py"), load("shown/last_table.py")
    values["STEM"], values["SAVES_WHOLE"] = "display", False
    magics = load("notebook/magics.py")
    magics["LEFT_OUT"] = cell["LEFT_OUT"]
    shell = load("notebook/shell.py")["Shell"](main, lambda value: values["show"](value, folder, tables), magics)
    import builtins

    def get_ipython() -> Any:
        return shell

    builtins.__dict__.update(display=shell.display, get_ipython=get_ipython)
    if "IPython" in text:
        stands_in = load("notebook/detection.py")["offered_use"](_parsed(text, file))
        load("notebook/ipython_display.py")["offer"](shell.display, get_ipython, main, stands_in)
    return shell


def _split(
    text: str | bytes, code: CodeType, file: str, is_cell: bool, tell: Callable[[str, BaseException], None] | None
) -> tuple[tuple[CodeType, ...], bool]:
    """The program without its last expression, and that; or `code` and False when its last statement is no
    expression or, as in notebooks, ends with a semicolon."""
    whole = (code,), False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = ast.parse(text, file).body
            if not body or not isinstance(body[-1], ast.Expr) or _is_silenced(body[-1], text):
                return whole
            flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT if is_cell else 0
            value = body[-1].value
            last = compile(ast.Expression(value), file, "eval", flags=flags, dont_inherit=True)
            if len(body) == 1 and isinstance(value, ast.Constant):
                return (code, last), True  # a text alone is the program's `__doc__` as well
            rest = compile(ast.Module(body[:-1], []), file, "exec", flags=flags, dont_inherit=True)
            return (rest, last), True
    except (RecursionError, MemoryError) as error:
        if tell:
            tell("the last expression is not shown", error)
        return whole  # from source, Python compiles what is nested deeper


def _is_silenced(last: ast.Expr, text: str | bytes) -> bool:
    if isinstance(text, bytes):
        text = importlib.util.decode_source(text)
    line = text.split("\n")[(last.end_lineno or last.lineno) - 1]
    return line.encode("utf-8", "surrogatepass")[last.end_col_offset :].lstrip().startswith(b";")


def _warn_of_coroutine(value: CoroutineType[Any, Any, Any], last: CodeType) -> None:
    """Warns as Python does when nobody awaits a coroutine, with the program's own line."""
    value.close()
    line = max(line for _, _, line in last.co_lines() if line)
    words = f"coroutine '{value.__qualname__}' was never awaited"
    warnings.warn_explicit(words, RuntimeWarning, last.co_filename, line)


def _ended_threads() -> bool:
    """Waits for the program's threads, as its end would: their output counts."""
    mine = threading.current_thread()
    if any(not each.daemon and each is not mine for each in threading.enumerate()):
        threading._shutdown()  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]  # no public name
    return True
