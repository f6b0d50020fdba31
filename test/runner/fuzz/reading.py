"""Reads programs as the runner does, one JSON text a line, and answers with what it made of each."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import traceback
import types
import warnings
from pathlib import Path
from time import process_time
from typing import Any

from runner.packages.check import imports, reading
from runner.bounds.refusal import Refusal
from runner.packages import specs
from runner.program import child, prepare
from runner.program.notebook import cell, install_command
from runner.workspace.folders import Workspace

FOLDER = Path(tempfile.mkdtemp())
WORKSPACE = Workspace("fuzz", FOLDER, FOLDER / "files", None)


def is_python(text: str) -> bool:
    """Whether Python itself takes the text as a program, in a file."""
    try:
        compile(text.encode(), "main.py", "exec", dont_inherit=True)
        return True
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def read(text: str) -> dict[str, Any]:
    taken = reading.read(text)
    answer = imports.examine(text, [], WORKSPACE, None, [])
    json.dumps(answer).encode()
    return {
        "is_python": is_python(text),
        "is_read": taken.tree is not None,
        "is_changed": (taken.program, taken.python, taken.repairs, taken.specs) != (text, text, [], []),
        "repairs": taken.repairs,
        "program": taken.program,
        "lines": [taken.program.count("\n"), taken.python.count("\n")],
        "at_start": started(taken.program) if taken.tree is not None else None,
    }


def started(text: str) -> str | None:
    """What the interpreter says when it gets a program that was read; None when it takes it."""
    main = types.ModuleType("__main__")
    main.__file__ = "main.py"
    try:
        prepare.prepare(main, text.encode("utf-8", "surrogatepass"), "quiet", lambda: True, f"{FOLDER}", child._load)
        return None
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def specifier(text: str) -> bool:
    try:
        specs.checked([text])
        return True
    except Refusal:
        return False


def cost(how: str, parts: list[str], chars: int) -> list[float]:
    """Seconds of the processor for a text of so many characters, and for one eight times as long: the best of three."""
    found = []
    for length in (chars, 8 * chars):
        part = parts[1] * (length // max(1, len(parts[1])))
        whole = parts[0] + part + parts[2]
        best = 1e9
        for _ in range(3):
            begun = process_time()
            read(whole) if how == "program" else cell.transform(whole, install_command.requirements)
            best = min(best, process_time() - begun)
        found.append(best)
    return found


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    child.get_forks_ready()
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)
    for line in sys.stdin:
        op, *given = json.loads(line)
        try:
            answer = {"read": read, "specifier": specifier, "cost": cost}[op](*given)
        except BaseException:
            answer = {"failed": traceback.format_exc()}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
