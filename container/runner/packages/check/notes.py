"""Notes about a program's end from reading it before it runs. Each note is data: its kind, the line, and for some
its subject. Whether one is told is decided when the program has ended."""

from __future__ import annotations

import ast
import re
import sys
from typing import Any

NOTES = 20
WHAT_CHARS = 120
HOST = re.compile(r"https?://(?:[^/@\s'\"]{1,100}@)?([A-Za-z0-9.-]{1,253})")
STARTS_WORKERS = {"Pool", "Process", "ProcessPoolExecutor", "Manager"}
NEW_INTERPRETERS = {"spawn", "forkserver"}
REMOVES_FILES = {"remove", "unlink", "rmdir"}
# Set before Python 3.14: from then on workers are not forked from the program unless it says so.
FORKS_BY_ITSELF = sys.version_info < (3, 14)


def notes_on(tree: ast.Module) -> list[dict[str, Any]]:
    """The notes in the order of the program's lines."""
    nodes = list(ast.walk(tree))
    notes = [*_inputs(nodes), *_unguarded_workers(tree, nodes), *_hosts(nodes), *_deletions(nodes)]
    unique = {(note["kind"], note.get("what")): note for note in reversed(notes)}
    return sorted(unique.values(), key=lambda note: note["line"])[:NOTES]


def _name(node: ast.AST) -> str | None:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else None


def _calls(nodes: list[ast.AST]) -> list[ast.Call]:
    return [node for node in nodes if isinstance(node, ast.Call)]


def _inputs(nodes: list[ast.AST]) -> list[dict[str, Any]]:
    calls = [call for call in _calls(nodes) if isinstance(call.func, ast.Name) and call.func.id == "input"]
    return [{"kind": "input", "line": call.lineno} for call in calls]


def _unguarded_workers(tree: ast.Module, nodes: list[ast.AST]) -> list[dict[str, Any]]:
    """Lines that start workers with a new interpreter, though each of them runs these lines, too."""
    texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    if not NEW_INTERPRETERS & texts and (FORKS_BY_ITSELF or "fork" in texts):
        return []
    top = [statement for statement in tree.body if not _is_guard(statement)]
    inside = [node for statement in top for node in _run_at_once(statement)]
    found = [call for call in _calls(inside) if _name(call.func) in STARTS_WORKERS]
    return [{"kind": "spawn", "line": call.lineno} for call in found]


def _is_guard(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.If) and any(_name(node) == "__name__" for node in ast.walk(statement.test))


def _run_at_once(statement: ast.stmt) -> list[ast.AST]:
    """The nodes below it that are not in a function."""
    found: list[ast.AST] = []
    queue: list[ast.AST] = [statement]
    while queue:
        node = queue.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            continue
        found.append(node)
        queue.extend(ast.iter_child_nodes(node))
    return found


def _hosts(nodes: list[ast.AST]) -> list[dict[str, Any]]:
    return [
        {"kind": "host", "line": node.lineno, "what": host.lower()}
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for host in HOST.findall(node.value)[:NOTES]
    ]


def _deletions(nodes: list[ast.AST]) -> list[dict[str, Any]]:
    """Deletions of whole folders, and of files one after the other."""
    folders = [call for call in _calls(nodes) if _name(call.func) == "rmtree"]
    notes: list[dict[str, Any]] = [
        {"kind": "deletes_folder", "line": call.lineno, "what": _words(call.args)} for call in folders
    ]
    for loop in nodes:
        if isinstance(loop, (ast.For, ast.AsyncFor, ast.While)):
            inside = [call for part in loop.body for call in _calls(list(ast.walk(part)))]
            notes += [{"kind": "deletes_files", "line": call.lineno} for call in inside if _removes(call)]
    return notes


def _words(arguments: list[ast.expr]) -> str:
    try:
        return ast.unparse(arguments[0])[:WHAT_CHARS] if arguments else ""
    except RecursionError:
        return "…"  # nested too deeply to be written down


def _removes(call: ast.Call) -> bool:
    """Returns whether a call removes a file: `os.remove(x)`, `path.unlink()`; not `list.remove(x)`."""
    name, owner = _name(call.func), call.func.value if isinstance(call.func, ast.Attribute) else None
    return name in REMOVES_FILES and (name != "remove" or _name(owner) == "os" if owner is not None else False)
