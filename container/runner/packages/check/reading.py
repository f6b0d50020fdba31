"""Reads a program's text: as Python as it stands, as a notebook cell, or after a repair of either. A text that
parses is never changed, unless it can only fail or do nothing."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from time import monotonic
from typing import Any, NamedTuple

from runner.program import child
from runner.program.notebook import cell, detection, install_command

from .repair import Repair, fenced, repairs, whole_fence, without_language, wrapped_in_json

REPAIRED_CHARS = 256 * 1024  # of the longest text that is repaired: each try reads it once
REPAIR_S = 2  # for all tries together
TEXT_CHARS = 120
MOST_LINES, MOST_SPECS = 20, 50
SHELL_LINE = re.compile(r"(?:sudo )?([a-z][a-z0-9_.-]*)(?: +[^ =(\[.,:+*]|$)")
SHELL_COMMANDS = frozenset(
    "apt apt-get awk bash cargo cat cd chmod chown cp curl date df docker du echo env export find git grep head kill"
    " ls make mkdir mv nano node npm npx pip pip3 ps pwd python python3 rm rmdir sed sh sort source sudo tail tar touch"
    " tree uname unzip uv vim wc wget which whoami yarn".split()
)
OTHER_LANGUAGES = {
    "html": re.compile(r"<(?:!doctype|html|head|body|div|script)\b", re.IGNORECASE),
    "javascript": re.compile(r"(?:const|let|var|function|async function) \w|console\.log\(|import .{1,80} from ['\"]"),
    "sql": re.compile(r"(?:select|insert into|create table|update|delete from|with) ", re.IGNORECASE),
}


class Reading(NamedTuple):
    """A text as read. `python` parses to `tree`, or `error` is the reason why nothing does. `repairs`: faults of
    the text; `program`: the text without them."""

    program: str
    repairs: list[str]
    python: str
    tree: ast.Module | None
    error: Exception | None
    lines: list[cell.Line]
    specs: list[tuple[int, str]]
    bodies: list[tuple[int, str]]
    stands_in: bool

    def as_json(self, code: str) -> dict[str, Any]:
        """Facts beside errors and imports; empty for a program that is taken as it stands."""
        said = {
            "program": self.program if self.program != code else None,
            "repairs": self.repairs,
            "lines": [
                {"line": line, "text": text[:TEXT_CHARS], "how": how} for line, text, how in self.lines[:MOST_LINES]
            ],
            "specs": [{"line": line, "spec": spec[:TEXT_CHARS]} for line, spec in self.specs[:MOST_SPECS]],
            "looks_like": _looks_like(self.program, self.tree),
            "silent": _silent(self.tree) if self.tree else None,
        }
        return {name: value for name, value in said.items() if value}


def read(code: str) -> Reading:
    """Reads a text. Never fails; an unreadable text has its own error, not that of a try to repair it."""
    wrapped = wrapped_in_json(code)
    if wrapped:
        reading = _taken(wrapped.program, [wrapped.what])
        if reading.tree:
            return reading
    given = whole_fence(code) or code
    reading = _taken(given, [])
    if reading.tree and (bare := _after_language(given, reading.tree)):
        return _taken(bare, ["language"])
    is_damaged = _begins_at_prompt(reading.tree) if reading.tree else isinstance(reading.error, SyntaxError)
    if not is_damaged or len(code) > REPAIRED_CHARS:
        return reading
    give_up = monotonic() + REPAIR_S
    for done in _repaired(given):
        if monotonic() > give_up:
            break
        found = _taken(done[-1].program, [each.what for each in done])
        if found.tree and not _begins_at_prompt(found.tree):
            return found
    return reading


def _begins_at_prompt(tree: ast.Module) -> bool:
    """Returns whether it begins with IPython's `In [1]: x = 2`, which to Python is an annotation of an item of
    `In`, a name that only IPython has."""
    match tree.body[:1]:
        case [ast.AnnAssign(target=ast.Subscript(value=ast.Name(id="In"), slice=ast.Constant(value=int())))]:
            return True
        case _:
            return False


def _repaired(code: str) -> Iterator[list[Repair]]:
    """Candidates by one repair, then by two, the second of the result of the first."""
    first = list(repairs(code))
    yield from ([each] for each in first)
    for each in first:
        inner = whole_fence(each.program)
        if inner:
            yield [each, Repair("prose", inner)]
        yield from ([each, second] for second in repairs(each.program) if second.what != each.what)


def _taken(program: str, done: list[str]) -> Reading:
    tree, error = _parsed(program)
    as_given = Reading(program, done, program, tree, error, [], [], [], False)
    if tree:
        return as_given._replace(stands_in=detection.offered_use(tree))
    if not isinstance(error, SyntaxError):
        return as_given
    # Its lines end where they end for an interpreter that reads it from a file.
    program = program.replace("\r\n", "\n").replace("\r", "\n")
    try:
        changed = cell.transform(program, install_command.requirements)
    except SyntaxError as unknown:
        return as_given._replace(error=unknown)
    tree, inner = _parsed(changed.python)
    if tree is None:
        return as_given._replace(error=inner or error) if changed.has_magic else as_given
    return Reading(program, done, changed.python, tree, None, *changed[1:4], detection.offered_use(tree))


def _parsed(text: str) -> tuple[ast.Module | None, Exception | None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            # Half a surrogate pair cannot be encoded: it has no place in a file, and no interpreter reads it.
            tree = ast.parse(text.encode(), "main.py")
            # finds `return` outside of functions and the like
            compile(tree, "main.py", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
            return tree, None
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            return None, error


def error_as_json(error: Exception, program: str) -> dict[str, Any]:
    if isinstance(error, SyntaxError):
        message, line = error.msg, error.lineno
    else:
        message, line = f"{error}" or "the program is too deeply nested or too large to be read", None
    frame = child.frame_around(program.split("\n"), line) if line else None
    return {"type": type(error).__name__, "message": message, "line": line, "frame": frame}


def _after_language(code: str, tree: ast.Module) -> str | None:
    """The text after a first line `python`, which nothing defines: a name that can only fail."""
    bare = without_language(code)
    first = tree.body[0] if tree.body else None
    if bare is None or not (isinstance(first, ast.Expr) and isinstance(first.value, ast.Name)):
        return None
    return bare


def _looks_like(code: str, tree: ast.Module | None) -> str | None:
    """The likely language of a text that is no program, or of one that can only fail."""
    lines = [line.strip() for line in code.split("\n") if line.strip() and not line.lstrip().startswith("#")]
    first = lines[0] if lines else ""
    if lines and all(_is_shell(line) for line in lines[:3]) and (tree is None or _is_undefined(tree)):
        return "shell"
    if tree is not None:
        return None
    if code.startswith("#!") and "python" not in code.partition("\n")[0]:
        return "shell"
    if fenced(code):
        return "fences"
    return next((name for name, pattern in OTHER_LANGUAGES.items() if pattern.match(first)), None)


def _is_shell(line: str) -> bool:
    match = SHELL_LINE.match(line)
    return match is not None and match[1] in SHELL_COMMANDS


def _is_undefined(tree: ast.Module) -> bool:
    """Returns whether each statement is nothing but a calculation with names, none of which is defined."""
    return all(
        isinstance(each, ast.Expr)
        and not any(isinstance(part, (ast.Call, ast.NamedExpr)) for part in ast.walk(each))
        and any(isinstance(part, ast.Name) for part in ast.walk(each))
        for each in tree.body
    )


def _silent(tree: ast.Module) -> dict[str, Any] | None:
    """The reason why a program may do nothing when it is run."""
    for node in tree.body:
        if isinstance(node, ast.If) and (other := _misspelt_main(node.test)) is not None:
            return {"why": "main_guard", "name": other[:TEXT_CHARS], "line": node.lineno}
    functions = [node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    quiet = (
        ast.FunctionDef,
        ast.AsyncFunctionDef,
        ast.ClassDef,
        ast.Import,
        ast.ImportFrom,
        ast.Assign,
        ast.AnnAssign,
    )
    if functions and all(isinstance(node, quiet) or _is_text(node) for node in tree.body):
        named = next((each for each in functions if each.name == "main"), functions[-1])
        return {"why": "never_called", "name": named.name[:TEXT_CHARS], "line": named.lineno}
    return None


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _misspelt_main(test: ast.expr) -> str | None:
    """The text that `__name__` is compared with, when it is not that of a program."""
    if not isinstance(test, ast.Compare) or len(test.ops) != 1 or not isinstance(test.ops[0], ast.Eq):
        return None
    sides = [test.left, test.comparators[0]]
    if not any(isinstance(side, ast.Name) and side.id == "__name__" for side in sides):
        return None
    texts = [side.value for side in sides if isinstance(side, ast.Constant) and isinstance(side.value, str)]
    return texts[0] if texts and texts[0] != "__main__" else None
