"""Repairs of damage that a program may have met on its way here. Each repair gives a candidate, and the caller
finds out whether that is Python. Lines keep their numbers wherever they stay lines."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, cast

from runner.program.notebook.cell import CELL_START, Quotes

FENCE = re.compile(r"(`{3,}|~{3,})(?:[ \t]*([\w+.#-]+))?")  # a line without the blanks around it
PYTHON_WORDS = frozenset({"python", "python3", "py", "py3", "ipython", "ipython3", "pycon", "jupyter", "python-repl"})
INPUT = re.compile(r"[ \t]*In ?\[[ \d*]{0,6}\]: ?")
OUTPUT = re.compile(r"[ \t]*Out ?\[[ \d*]{0,6}\]:")
CONTINUATION = re.compile(r"[ \t]*\.{3,}:? ?")
ENTITY = re.compile(r"&(?:lt|gt|amp|quot|apos|nbsp|#39|#34|#x27|#x22|#160|#60|#62);")
ENTITIES = {
    "lt": "<",
    "gt": ">",
    "amp": "&",
    "quot": '"',
    "apos": "'",
    "nbsp": " ",
    "#39": "'",
    "#34": '"',
    "#x27": "'",
    "#x22": '"',
    "#160": " ",
    "#60": "<",
    "#62": ">",
}
TAG = re.compile(r"<([A-Za-z][\w-]{0,30})>")
NUMBERED = re.compile(r"[ \t]*(\d{1,6})(?:[:.|)]|[ \t]*[|│])?(?: |$)")
# Signs of typography that have one meaning outside of texts.
TYPOGRAPHY = str.maketrans(
    {
        **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb\uff02", '"'),
        **dict.fromkeys("\u2018\u2019\u201a\uff07", "'"),
        **dict.fromkeys("\u00a0\u202f\u2007\u3000", " "),
        **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff", ""),
        **dict.fromkeys("\u2212\u2013\u2014", "-"),
        **dict(
            zip("\uff08\uff09\uff3b\uff3d\uff5b\uff5d\uff0c\uff1a\uff1b\uff1d\uff0b\u00d7", "()[]{},:;=+*", strict=True)
        ),
        "\u2026": "...",
        "\u2264": "<=",
        "\u2265": ">=",
        "\u2260": "!=",
    }
)
CODE_KEYS = ("code", "python_code", "python", "program", "script", "source")
CALL_KEYS = ("arguments", "parameters", "input", "args")
# Keys that may stand beside the code without meaning anything for the program.
SILENT_KEYS = frozenset(
    {"description", "language", "lang", "title", "name", "tool", "type", "id", "timeout", "auto_install"}
)
NESTED = 3


class Repair(NamedTuple):
    """A repair. `what`: the fault."""

    what: str
    program: str


def whole_fence(code: str) -> str | None:
    """The program in a fence around the whole text. Back-ticks inside a program are the program's."""
    lines = code.split("\n")
    first = next((i for i, line in enumerate(lines) if line.strip()), None)
    if first is None:
        return None
    opening = FENCE.fullmatch(lines[first].strip())
    last = len(code.rstrip())
    if opening is None or not code.rstrip().endswith(opening[1]):
        return None
    end = last - len(opening[1])
    start = sum(len(line) + 1 for line in lines[: first + 1])
    inner = code[start:end]
    if end < start or f"\n{opening[1]}" in inner[:-1] or inner.startswith(opening[1]):
        return None
    return "\n" * (first + 1) + inner.rstrip(" \t")


def repairs(code: str) -> Iterator[Repair]:
    """Candidates, the likelier ones first. None of them need be Python."""
    for what, repair in REPAIRS.items():
        program = repair(code)
        if program is not None and program != code and program.strip():
            yield Repair(what, program)


def _block(code: str) -> str | None:
    """The one block of Python among prose, or the one that is marked as Python."""
    blocks = fenced(code)
    python = [block for block in blocks if block[0] in PYTHON_WORDS]
    chosen = python or [block for block in blocks if not block[0]]
    if len(chosen) != 1 or (not python and len(blocks) > 1):
        return None
    _, start, lines = chosen[0]
    return "\n" * start + "\n".join(lines) + "\n"


def fenced(code: str) -> list[tuple[str, int, list[str]]]:
    """Language, first line (from 0) and lines of each fenced block; the last may be open."""
    found: list[tuple[str, int, list[str]]] = []
    mark, indent = "", 0
    for number, line in enumerate(code.split("\n")):
        bare = line.strip()
        fence = FENCE.fullmatch(bare)
        if mark:
            if bare.startswith(mark) and not bare.strip(mark[0]):
                mark = ""
            else:
                found[-1][2].append(line[indent:] if not line[:indent].strip() else line)
        elif fence:
            mark, indent = fence[1], len(line) - len(line.lstrip())
            found.append(((fence[2] or "").lower(), number + 1, []))
    return found


def _without_stray_fence(code: str) -> str | None:
    lines = code.rstrip().split("\n")
    if lines and FENCE.fullmatch(lines[-1].strip()) and sum(bool(FENCE.fullmatch(line.strip())) for line in lines) == 1:
        return "\n".join(lines[:-1]) + "\n"
    return None


def _in_tags(code: str) -> str | None:
    text = code.strip()
    if text.startswith("<![CDATA[") and text.endswith("]]>"):
        return text[9:-3]
    opening = TAG.match(text)
    if opening is None or not text.endswith(f"</{opening[1]}>"):
        return None
    return _same_start(code, text[opening.end() : -len(opening[1]) - 3])


def _same_start(code: str, inner: str) -> str:
    return "\n" * code[: len(code) - len(code.lstrip())].count("\n") + inner


def without_language(code: str) -> str | None:
    """The text after the name of a language that a lost fence has left."""
    first, newline, rest = code.partition("\n")
    return newline + rest if newline and first.strip().lower() in PYTHON_WORDS else None


def _without_prompts(code: str) -> str | None:
    """The input at `>>>` or `In [1]:`; lines of output become blank."""
    first = next((line for line in code.split("\n") if line.strip()), "")
    is_plain, is_numbered = first.lstrip().startswith(">>>"), bool(INPUT.match(first))
    if not is_plain and not is_numbered:
        return None
    lines: list[str] = []
    typing = False
    for line in code.split("\n"):
        bare = line.lstrip()
        start = INPUT.match(line) if is_numbered else None
        if is_plain and (bare.startswith(">>> ") or bare == ">>>"):
            lines.append(bare[4:])
            typing = True
        elif start:
            lines.append(line[start.end() :])
            typing = True
        elif typing and bare.startswith("...") and (mark := CONTINUATION.match(line)):
            lines.append(line[mark.end() :] if is_numbered else bare[4:])
        elif is_numbered and typing and bare and not OUTPUT.match(line):
            lines.append(line)  # the rest of a cell that is shown without marks
        else:
            lines.append("")
            typing = typing and is_numbered and not bare
    return "\n".join(lines)


def _without_entities(code: str) -> str | None:
    return ENTITY.sub(lambda found: ENTITIES[found[0][1:-1]], code) if ENTITY.search(code) else None


def _with_breaks(code: str) -> str | None:
    """Line breaks that came as two characters, where the text has none of its own."""
    if "\n" in code.strip() or "\\n" not in code:
        return None
    quotes = Quotes()
    parts: list[str] = []
    for line in code.strip().split("\\n"):
        if parts:
            parts.append("\\n" if quotes.quote else "\n")  # within a text it stays what it is
        parts.append(line)
        quotes.read(line + "\\")  # it does not end here
    return "".join(parts).replace("\\t", "\t") + "\n"


def _unescaped(code: str) -> str | None:
    """A text as it stands in JSON."""
    if "\n" in code.strip() or ("\\n" not in code and '\\"' not in code):
        return None
    try:
        return json.loads(f'"{code.strip()}"')
    except ValueError:
        return None


def _plain_typography(code: str) -> str:
    """Quotes, blanks and signs of typography become those of Python; in texts that are quoted well they stay."""
    quotes = Quotes()
    lines: list[str] = []
    for line in code.split("\n"):
        code = quotes.read(line)  # a blank stands there for what belongs to a text
        lines.append(
            "".join(mark.translate(TYPOGRAPHY) if code[i : i + 1] == mark else mark for i, mark in enumerate(line))
        )
    return "\n".join(lines)


def _without_numbers(code: str) -> str | None:
    """The text without the numbers of lines that were copied along."""
    lines: list[str] = []
    before: int | None = None
    for line in code.split("\n"):
        if not line.strip():
            lines.append(line)
            continue
        number = NUMBERED.match(line)
        if number is None or (before is not None and int(number[1]) <= before):
            return None
        before = int(number[1])
        lines.append(line[number.end() :])
    return "\n".join(lines) if len(lines) > 1 else None


def wrapped_in_json(code: str) -> Repair | None:
    """The program in a call's arguments, or the cells of a notebook."""
    text = code.strip()
    if not text.startswith("{") or not text.endswith("}"):
        return None
    try:
        value = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None
    for _ in range(NESTED):
        if not isinstance(value, dict):
            return None
        call = cast("dict[str, Any]", value)
        if isinstance(call.get("cells"), list):
            program = _cells(call["cells"])
            return Repair("notebook", program) if program else None
        code_key = next((key for key in CODE_KEYS if isinstance(call.get(key), str)), None)
        inner_key = next((key for key in CALL_KEYS if isinstance(call.get(key), dict)), None)
        if set(call) - SILENT_KEYS - {code_key, inner_key}:
            return None
        if code_key:
            return Repair("json", call[code_key])
        value = call.get(inner_key or "")
    return None


def _cells(cells: list[Any]) -> str:
    parts: list[str] = []
    for each in cells:
        cell = cast("dict[str, Any]", each) if isinstance(each, dict) else {}
        if cell.get("cell_type") == "code":
            source: Any = cell.get("source", "")
            text = "".join(map(str, cast("list[Any]", source))) if isinstance(source, list) else str(source)
            if text.strip():
                parts.append(f"{CELL_START}{len(parts) + 1}]\n{text.rstrip()}\n")
    return "\n".join(parts)


REPAIRS: dict[str, Callable[[str], str | None]] = {
    "prose": _block,
    "stray_fence": _without_stray_fence,
    "tags": _in_tags,
    "language": without_language,
    "prompts": _without_prompts,
    "indent": textwrap.dedent,
    "entities": _without_entities,
    "breaks": _with_breaks,
    "escapes": _unescaped,
    "typography": _plain_typography,
    "numbers": _without_numbers,
}
