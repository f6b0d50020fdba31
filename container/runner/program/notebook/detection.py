"""Names that a program takes for granted and only a notebook has, though it parses. Loaded by its path into a
program's interpreter as well, so it imports nothing of the runner."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TypeGuard

NOTEBOOK_NAMES = frozenset({"display", "get_ipython"})
DISPLAY_MODULES = ("IPython", "IPython.display", "IPython.core.display")
# Names of IPython that an interpreter without it offers.
OFFERED = frozenset(
    "display clear_output HTML Markdown Image SVG JSON Latex Math Pretty Code Javascript IFrame FileLink".split()
)
OFFERED_OF_ROOT = frozenset({"display", "get_ipython"})


def takes_notebook(tree: ast.Module) -> bool:
    """Returns whether a program that parses is meant for a notebook all the same."""
    return uses_names(tree) or imports_display(tree)


def imports_display(tree: ast.Module) -> bool:
    return any(
        (isinstance(node, ast.ImportFrom) and node.level == 0 and node.module in DISPLAY_MODULES)
        or (isinstance(node, ast.Import) and any(alias.name in DISPLAY_MODULES for alias in node.names))
        for node in ast.walk(tree)
    )


def uses_names(tree: ast.Module) -> bool:
    """Returns whether it uses `display` or `get_ipython` without a definition, and does not catch that they are
    missing."""
    bound: set[str] = set()
    free = False
    queue: list[tuple[ast.AST, bool]] = [(tree, False)]
    while queue:
        node, guarded = queue.pop()
        if isinstance(node, ast.Name) and node.id in NOTEBOOK_NAMES:
            if isinstance(node.ctx, ast.Load):
                free = free or not guarded
            else:
                bound.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            bound.add(node.name)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.alias):
            bound.add(node.asname or node.name)
        if is_try(node) and any(_catches_name_error(each) for each in node.handlers):
            queue += [(part, True) for part in node.body]
            queue += [(part, guarded) for part in [*node.handlers, *node.orelse, *node.finalbody]]
        else:
            queue += [(part, guarded) for part in ast.iter_child_nodes(node)]
    return free and not bound & NOTEBOOK_NAMES


def is_try(node: ast.AST) -> TypeGuard[ast.Try]:
    """Returns whether it is `try`, also with `except*`, of Python 3.11 and newer, which has the same parts."""
    return type(node).__name__ in ("Try", "TryStar")


def _catches_name_error(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or getattr(kind, "id", "") in ("NameError", "Exception", "BaseException") for kind in kinds)


def offered_use(tree: ast.Module) -> bool:
    """Returns whether all that a program imports of IPython is offered without it."""
    modules: dict[str, str] = {}  # local name → dotted module
    uses = False
    for node in ast.walk(tree):
        for module, name, local in _imported(node):
            uses = True
            if not _is_offered(module, name):
                return False
            if name is None or (module, name) == ("IPython", "display"):
                modules[local] = module if name is None else "IPython.display"
    return uses and all(
        _is_offered(module, node.attr)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and (module := _module_of(node.value, modules))
    )


def _imported(node: ast.AST) -> Iterator[tuple[str, str | None, str]]:
    """Imports of IPython: module, name in it and local name."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            if alias.name.partition(".")[0] == "IPython":
                # Without `as` the first part alone is bound.
                yield alias.name, None, alias.asname or "IPython"
    elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
        if node.module.partition(".")[0] != "IPython":
            return
        for alias in node.names:
            yield node.module, alias.name, alias.asname or alias.name


def _is_offered(module: str, name: str | None) -> bool:
    if module not in DISPLAY_MODULES:
        return False
    return name is None or name in (OFFERED_OF_ROOT if module == "IPython" else OFFERED)


def _module_of(node: ast.expr, modules: dict[str, str]) -> str | None:
    """The module that an expression stands for."""
    if isinstance(node, ast.Name):
        module = modules.get(node.id)
        return "IPython" if node.id == "IPython" and module else module
    if isinstance(node, ast.Attribute) and node.attr == "display" and _module_of(node.value, modules) == "IPython":
        return "IPython.display"
    return None
