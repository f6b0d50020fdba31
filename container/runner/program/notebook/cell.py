"""A notebook cell as Python, line for line: magics, shell commands and questions become calls of `get_ipython()`, as
IPython has it. Runs nothing. Loaded by its path into a program's interpreter as well, so it imports nothing of the
runner."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable
from typing import NamedTuple

# Magics that are of no use to a program, which runs once, without a screen.
LEFT_OUT = frozenset(
    "alias aimport automagic autoreload autosave cls clear colors config gui load_ext logstart logstop matplotlib"
    " notebook pdb pprint precision qtconsole rehashx reload_ext reset reset_selective store unload_ext xmode".split()
)
INSTALLERS = frozenset({"pip", "conda", "mamba", "micromamba", "uv"})  # as magics
LINE_MAGICS = frozenset(
    "cat cd cp env getoutput ls ll lf lx man mkdir more mv pinfo pinfo2 pip conda mamba prun psource pwd pylab rm rmdir"
    " run set_env sx system time timeit who who_ls whos".split()
)
# Magics whose body stays Python, in its place.
AROUND = frozenset({"time", "capture", "prun"})
AFTERWARDS = {"time": ["get_ipython().stop_clock()"], "capture": ["get_ipython().stop_capture()"]}
CELL_MAGICS = AROUND | frozenset(
    "! bash sh script system sx python python3 timeit writefile file html HTML markdown latex svg SVG javascript"
    " js".split()
)
# Line between the cells of a notebook's JSON.
CELL_START = "# %% In ["
CELL_END = "# %%"  # editors write it between cells as well
MAGIC = re.compile(r"(%{1,2})[ \t]*([A-Za-z_!][A-Za-z0-9_]*|!)[ \t]*")
TARGETS = re.compile(r"[A-Za-z_][\w.]*(?:\[[\w'\". -]*\])?(?:[ \t]*,[ \t]*[A-Za-z_][\w.]*)*[ \t]*")
QUESTION = re.compile(r"[A-Za-z_][\w.\[\]'\"]*")
BARE_INSTALL = re.compile(r"(?:\$ )?(?:python3? -m )?(?:uv )?(?:pip3?|conda|mamba) install [^=(]", re.ASCII)
SPECIAL = re.compile(r"[\"'#\\()\[\]{}]")
QUOTE_ENDS = {
    "'": re.compile(r"\\[\s\S]|'"),
    '"': re.compile(r'\\[\s\S]|"'),
    "'''": re.compile(r"\\[\s\S]|'''"),
    '"""': re.compile(r'\\[\s\S]|"""'),
}


# Reads the requirements of a command, as install_command.py does; None for any other command.
Requirements = Callable[[str], "list[str] | None"]


class Line(NamedTuple):
    """A line that is not executed as it is written. `how`: `installed` or `left_out`."""

    line: int
    text: str
    how: str


class Cell(NamedTuple):
    """A cell as Python. `python` has as many lines as the cell."""

    python: str
    lines: list[Line]
    specs: list[tuple[int, str]]  # requirements, with their line
    bodies: list[tuple[int, str]]  # Python that runs within a magic, with the number of lines before it
    has_magic: bool


class Quotes:
    """State at a line's end: within brackets or a text, or not. A guess for a broken program."""

    def __init__(self) -> None:
        self.depth = 0
        self.quote: str | None = None
        self.continued = False

    @property
    def between(self) -> bool:
        """Returns whether a new statement may begin."""
        return self.depth <= 0 and self.quote is None and not self.continued

    def read(self, line: str) -> str:
        """The line's code: without its comment, and with a blank for each character of a text."""
        code: list[str] = []
        at, self.continued = 0, False
        while at < len(line):
            if self.quote:
                end = self._end_of_text(self.quote, line, at)
                code.append(" " * (end - at))
                at = end
                continue
            special = SPECIAL.search(line, at)
            if special is None:
                code.append(line[at:])
                break
            code.append(line[at : special.start()])
            at, mark = special.end(), special[0]
            if mark == "#":
                break
            if mark == "\\":
                self.continued = at == len(line)
            elif mark in "\"'":
                self.quote = mark * 3 if line.startswith(mark * 3, special.start()) else mark
                at = special.start() + len(self.quote)
                code.append(" " * len(self.quote))
                continue
            else:
                self.depth += 1 if mark in "([{" else -1
            code.append(mark)
        if self.quote and len(self.quote) == 1 and not line.endswith("\\"):
            self.quote = None  # a text of one line that is not closed
        if self.between:
            self.depth = 0
        return "".join(code)

    def _end_of_text(self, quote: str, line: str, at: int) -> int:
        for found in QUOTE_ENDS[quote].finditer(line, at):
            if found[0] == quote:
                self.quote = None
                return found.end()
        return len(line)


class _Bodies:
    """Ends of the bodies of cell magics. Each line is looked at once, however many magics there are."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._next: list[int] | None = None
        self.filled = next((at for at in range(len(lines), 0, -1) if lines[at - 1].strip()), 0)

    def end(self, name: str, at: int) -> int:
        """The line behind a body that begins with the line `at`."""
        if name in ("writefile", "file"):  # which may hold a magic
            lines = self._lines
            return next((i for i in range(at, len(lines)) if lines[i].startswith(CELL_END)), len(lines))
        if self._next is None:
            self._next = [len(self._lines)] * (len(self._lines) + 1)
            for i in range(len(self._lines) - 1, -1, -1):
                is_end = self._lines[i].startswith((CELL_END, "%%"))
                self._next[i] = i if is_end else self._next[i + 1]
        return self._next[at]


def transform(source: str, requirements: Requirements, file: str = "main.py") -> Cell:
    """The cell as Python. Raises SyntaxError for an unknown magic, at its place in `file`."""
    try:
        return _translate(source, requirements)
    except SyntaxError as error:
        error.filename = file
        raise


def _translate(source: str, requirements: Requirements) -> Cell:
    given = source.split("\n")
    out: list[str] = []
    clock: list[str] = []
    cell = Cell("", [], [], [], False)
    quotes, has_magic, bodies = Quotes(), False, _Bodies(given)
    at = 0
    while at < len(given):
        line, number = given[at], at + 1
        at += 1
        bare = line.strip()
        if quotes.between and bare.startswith(CELL_END):
            out.append("; ".join(clock) or line)
            clock = []
            continue
        if not quotes.between or not _is_magic(bare):
            quotes.read(line)
            out.append(line)
            continue
        has_magic = True
        blank, parts = 0, [bare]
        while parts[-1].endswith("\\") and at < len(given):
            parts[-1] = parts[-1][:-1]
            parts.append(given[at].strip())
            at, blank = at + 1, blank + 1
        bare = " ".join(parts)
        indent = line[: len(line) - len(line.lstrip())]
        if bare.startswith("%%"):
            name, _ = _magic(bare)
            end = bodies.end(name, at)
            body = "" if name in AROUND else "\n".join(given[at:end])
            statement = _cell_magic(bare, number, body, cell, is_last=end >= bodies.filled)
            if name in AROUND:
                if statement != "pass":
                    clock += AFTERWARDS.get(name, [])
            else:
                blank += end - at
                at = end
        else:
            statement = _line_magic(bare, number, cell, requirements)
        out.append(indent + statement)
        out.extend([""] * blank)
    return cell._replace(python="\n".join(out), has_magic=has_magic)


def _is_magic(bare: str) -> bool:
    if not bare:
        return False
    if bare[0] in "!%?" or (bare.endswith("?") and QUESTION.fullmatch(bare.rstrip("?"))):
        return True
    target, equals, value = bare.partition("=")
    if equals and value.lstrip()[:1] in ("!", "%") and not value.startswith("="):
        return bool(TARGETS.fullmatch(target))
    return bool(BARE_INSTALL.match(bare))


def _magic(bare: str) -> tuple[str, str]:
    """A magic's name, and the text after it."""
    match = MAGIC.match(bare)
    return (match[2], bare[match.end() :]) if match else ("", "")


def _cell_magic(bare: str, number: int, body: str, cell: Cell, is_last: bool) -> str:
    name, rest = _magic(bare)
    if name not in CELL_MAGICS:
        raise _unknown(bare, number, f"%%{name}")
    if name == "time":
        return "get_ipython().start_clock()"
    if name == "capture" and not is_last:
        return f"get_ipython().start_capture({rest.strip()!r})"
    if name in AROUND:
        # The output of the last cell is the result.
        cell.lines.append(Line(number, bare, "left_out"))
        return "pass"
    if name == "timeit":
        cell.bodies.append((number, body))
    return f"get_ipython().run_cell_magic({name!r}, {rest.strip()!r}, {body!r})"


def _line_magic(bare: str, number: int, cell: Cell, requirements: Requirements) -> str:
    target, equals, value = bare.partition("=")
    if bare[0] not in "!%?" and equals and value.lstrip()[:1] in ("!", "%"):
        value = value.lstrip()
        if value.startswith("!"):
            return f"{target}= get_ipython().getoutput({value[1:].strip()!r})"
        name, rest = _magic(value)
        if name not in LINE_MAGICS:
            raise _unknown(bare, number, f"%{name}")
        return f"{target}= get_ipython().run_line_magic({name!r}, {rest!r})"
    if bare[0] == "?" or (bare.endswith("?") and bare[0] not in "!%"):
        return f"get_ipython().run_line_magic({'pinfo2' if '??' in bare else 'pinfo'!r}, {bare.strip('?; ')!r})"
    if bare[0] == "!" or bare[0] != "%":
        command = bare.lstrip("!$").strip()
        specs = requirements(command)
        if specs is not None:
            return _note_install(bare, number, specs, cell)
        return f"get_ipython().{'getoutput' if bare.startswith('!!') else 'system'}({command!r})"
    name, rest = _magic(bare)
    if name in LEFT_OUT:
        cell.lines.append(Line(number, bare, "left_out"))
        return "pass"
    if name in INSTALLERS:
        specs = requirements(f"{name} {rest}")
        if specs is not None:
            return _note_install(bare, number, specs, cell)
        return f"get_ipython().system({f'{name} {rest}'!r})"
    if name not in LINE_MAGICS:
        raise _unknown(bare, number, f"%{name}")
    if name == "pylab":
        return "from pylab import *; import numpy as np, matplotlib.pyplot as plt"
    if name == "time" and "#" not in rest and _compiles(f"({rest}\n)", "eval"):
        return f"get_ipython().timed_value(lambda: ({rest.rstrip(';')}))"
    if name == "time" and _compiles(f"with a: {rest}", "exec"):
        return f"with get_ipython().timed(): {rest}"
    return f"get_ipython().run_line_magic({name!r}, {rest!r})"


def _note_install(bare: str, number: int, specs: list[str], cell: Cell) -> str:
    cell.lines.append(Line(number, bare, "installed"))
    cell.specs.extend((number, spec) for spec in specs)
    return "pass"


def _compiles(text: str, mode: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT if mode == "exec" else 0
            compile(text, "cell", mode, flags=flags, dont_inherit=True)
        return True
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def _unknown(bare: str, number: int, magic: str) -> SyntaxError:
    words = f"the magic {magic[:40]} is not known here; do it in Python, or leave the line out"
    return SyntaxError(words, ("main.py", number, 1, bare[:200]))
