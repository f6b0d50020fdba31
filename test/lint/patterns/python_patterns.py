"""Prints every regular expression of a package's modules as JSON, in JavaScript's notation. A module is
imported to know what its constants come to."""

import ast
import importlib
import json
import re
import sys
from pathlib import Path

LETTERS = {re.IGNORECASE: "i", re.MULTILINE: "m", re.DOTALL: "s"}


def main(folder: Path) -> None:
    sys.path.insert(0, str(folder.parent))
    json.dump([found for file in sorted(folder.rglob("*.py")) for found in patterns(folder, file)], sys.stdout)


def patterns(folder: Path, file: Path) -> list:
    text = file.read_text()
    tree = ast.parse(text)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and is_re(node.func)]
    if not calls:
        return []
    names = vars(importlib.import_module(".".join(file.relative_to(folder.parent).with_suffix("").parts)))
    return [pattern(call, f"{file.name}:{call.lineno}", tree, names) for call in calls]


def is_re(function: ast.expr) -> bool:
    known = ("compile", "search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer")
    return (
        isinstance(function, ast.Attribute)
        and isinstance(function.value, ast.Name)
        and function.value.id == "re"
        and function.attr in known
    )


def pattern(call: ast.Call, place: str, tree: ast.Module, names: dict) -> dict:
    # Flags stand at the end, whatever comes between.
    chosen = [argument for argument in call.args[1:] + [word.value for word in call.keywords] if is_flag(argument)]
    try:
        source = evaluated(call.args[0], names)
        flags = evaluated(chosen[0], names) if chosen else re.RegexFlag(0)
    except NameError:
        return {"place": place, "source": None, "flags": "", "anchored": False}
    letters = "".join(letter for flag, letter in LETTERS.items() if flags & flag)
    if re.search(r"[^\x00-\x7f]", source) or not flags & re.ASCII:
        letters += "u" if "\\p" in source else ""
    source = source.replace("(?P<", "(?<").replace("\\Z", "$").replace("\\A", "^")
    used = call.func.attr if call.func.attr != "compile" else uses(call, tree)
    return {"place": place, "source": source, "flags": letters, "anchored": used in ("match", "fullmatch")}


def is_flag(argument: ast.expr) -> bool:
    return all(
        isinstance(node, (ast.BinOp, ast.BitOr, ast.Attribute, ast.Name, ast.Load)) for node in ast.walk(argument)
    ) and any(isinstance(node, ast.Name) and node.id == "re" for node in ast.walk(argument))


def evaluated(expression: ast.expr, names: dict):
    return eval(compile(ast.Expression(expression), "<pattern>", "eval"), dict(names))


def uses(call: ast.Call, tree: ast.Module) -> str:
    """The one method by which a module uses what it has compiled; `search` when there are several."""
    names = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and node.value is call
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    methods = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in names
    }
    return methods.pop() if len(methods) == 1 else "search"


main(Path(sys.argv[1]))
