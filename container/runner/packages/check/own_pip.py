"""Packages that a program seems to install itself, as far as its text shows: `subprocess.run([sys.executable, "-m",
"pip", "install", "emoji==2.0.0"])`, `os.system("pip install emoji")`, `pip.main(["install", "emoji"])`. They are
left to it."""

from __future__ import annotations

import ast
import shlex
from collections.abc import Iterator

from runner.bounds import limits
from runner.packages.specs import SPEC

# Calls that give their text to a shell, and calls that take pip's own arguments.
SHELLS = frozenset(
    "system popen run call check_call check_output Popen getoutput getstatusoutput create_subprocess_shell".split()
)
MAINS = {"main", "pipmain", "pip_main"}
PIPS = {"pip", "pip3"}
# Options of pip whose value follows.
WITH_VALUE = frozenset(
    "-i --index-url --extra-index-url -f --find-links -t --target --prefix -r --requirement -c --constraint"
    " --trusted-host --timeout --proxy -e --editable".split()
)
ENDS = {"&&", "||", ";", "|", "&"}


def specs(tree: ast.Module) -> list[str]:
    """Requirement specifiers, each once, in the program's order."""
    found: dict[str, None] = {}
    for node in ast.walk(tree):
        for words in _commands(node):
            for spec in _requirements(words):
                found[spec] = None
    return list(found)[: limits.SPECS]


def _commands(node: ast.AST) -> Iterator[list[str]]:
    """The words after `install` of each command that this part of the program has."""
    if isinstance(node, (ast.List, ast.Tuple)):
        values = [part.value if isinstance(part, ast.Constant) else "" for part in node.elts]
        words = [value for value in values if isinstance(value, str)]
        if len(words) == len(values):
            yield from _after_install(words)
    elif isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        first = node.args[0] if node.args else None
        if name in SHELLS and isinstance(first, ast.Constant) and isinstance(first.value, str) and "pip" in first.value:
            yield from _after_install(_split(first.value))
        elif name in MAINS and isinstance(first, (ast.List, ast.Tuple)):
            words = [f"{part.value}" if isinstance(part, ast.Constant) else "" for part in first.elts]
            if words[:1] == ["install"]:
                yield words[1:]


def _after_install(words: list[str]) -> Iterator[list[str]]:
    command: list[str] | None = None
    for before, word in zip(["", *words], words, strict=False):
        is_start = word == "install" and before.rpartition("/")[2] in PIPS
        if command is not None and (is_start or word in ENDS):
            yield command[:-1] if is_start else command
            command = None
        if is_start:
            command = []
        elif command is not None:
            command.append(word)
    if command is not None:
        yield command


def _split(command: str) -> list[str]:
    lexer = shlex.shlex(command, posix=True, punctuation_chars="&|;")
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        return list(lexer)
    except ValueError:
        return []  # a quotation without an end: the shell refuses it, too


def _requirements(words: list[str]) -> Iterator[str]:
    skip = False
    for word in words:
        if skip or word.startswith("-"):
            skip = not skip and word in WITH_VALUE
        elif len(word) <= limits.SPEC_CHARS and SPEC.fullmatch(word):
            yield word
