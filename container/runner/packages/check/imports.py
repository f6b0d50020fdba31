"""A program's imports and whether they are there. Runs nothing of it."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

from runner.packages import inventory
from runner.program.notebook import detection
from runner.workspace.folders import Workspace

from . import elsewhere, own_pip, reading, script_block
from .notes import notes_on

CATCHES_IMPORT_ERROR = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}
# Namespaces whose parts are separate distributions: the first name alone does not name a package.
NAMESPACE_ROOTS = {"google", "azure", "ruamel", "zope", "jaraco", "backports", "opentelemetry"}


@dataclass
class Import:
    name: str  # dotted
    line: int
    guarded: bool
    names: tuple[str, ...] = ()  # of `from name import names`: they may be modules of a namespace


def examine(
    code: str, paths: list[str], workspace: Workspace, packages: Path | None, aliases: list[str]
) -> dict[str, Any]:
    """Parses and classifies, in this process: a malicious program may end it (see checker.py)."""
    taken = reading.read(code)
    said = taken.as_json(code)
    for wanted in said.get("specs", []):
        wanted["installed"] = _is_installed(wanted["spec"], packages)
    beside = {"reading": said} if said else {}
    tree = taken.tree
    if tree is None:
        assert taken.error is not None
        error = reading.error_as_json(taken.error, taken.program)
        return {"syntax_error": error, "imports": [], "notes": [], **beside}
    local = {path.partition("/")[0].removesuffix(".py") for path in paths if path.endswith(".py")}
    finder = Finder(workspace.files, local, packages)
    entries: dict[str, dict[str, Any]] = {}
    unguarded: set[str] = set()
    for found in _all_imports(tree, taken.bodies):
        if found.name.partition(".")[0] == "IPython" and taken.stands_in:
            continue  # the part of it that the program uses is offered
        module, kind = finder.classify(found)
        entry = entries.setdefault(module, {"module": module, "kind": kind, "line": found.line})
        entry["line"] = min(entry["line"], found.line)
        if not found.guarded:
            unguarded.add(module)
    for module, entry in entries.items():
        if entry["kind"] == "missing" and module not in unguarded:
            entry["kind"] = "guarded"
    places = elsewhere.named(tree, [workspace.files, workspace.home], aliases)
    own, block = own_pip.specs(tree), script_block.read(taken.program, packages)
    return {
        "syntax_error": None,
        "imports": [entries[module] for module in sorted(entries)],
        "notes": notes_on(tree),
        **({"own_installs": own} if own else {}),
        **({"script": block} if block else {}),
        **({"elsewhere": places} if places else {}),
        **beside,
    }


def lacks_nothing(answer: dict[str, Any]) -> bool:
    """Whether a program can be started as it was sent: nothing has to be installed, and no other text is to be run."""
    said = answer.get("reading", {})
    return (
        all(found["kind"] != "missing" for found in answer["imports"])
        and not answer.get("script", {}).get("missing")
        and not {"program", "repairs"} & said.keys()
        and all(wanted["installed"] for wanted in said.get("specs", ()))
    )


def _is_installed(spec: str, packages: Path | None) -> bool:
    """Returns whether a plain name, or exactly this version, is there. The installer judges all other specifiers."""
    name, _, version = spec.partition("==")
    found = inventory.importable(packages).get(inventory.normal(name.strip()))
    return found is not None and version.strip() in ("", found)


def _all_imports(tree: ast.Module, bodies: list[tuple[int, str]]) -> Iterator[Import]:
    """All imports, also those that only run within a magic."""
    yield from find_imports(tree)
    for lines_before, body in bodies:
        try:
            inner = ast.parse(body)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue  # it fails when it runs
        for found in find_imports(inner):
            found.line += lines_before
            yield found


def find_imports(tree: ast.Module) -> Iterator[Import]:
    """Every absolute import in the tree, without recursion: a program may be nested as deeply as the parser
    allows."""
    queue: list[tuple[ast.AST, bool]] = [(tree, False)]
    while queue:
        node, guarded = queue.pop()
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno, guarded)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield Import(node.module, node.lineno, guarded, tuple(alias.name for alias in node.names))
        elif detection.is_try(node):
            body = guarded or any(map(_catches_import_error, node.handlers))
            queue.extend((part, body) for part in node.body)
            # An import in the handler is the substitute, tried only when the first choice is missing.
            queue.extend((part, guarded) for part in [*node.handlers, *node.orelse, *node.finalbody])
        elif isinstance(node, ast.If) and _is_type_checking(node.test):
            queue.extend((part, True) for part in node.body)
            queue.extend((part, guarded) for part in node.orelse)
        else:
            queue.extend((part, guarded) for part in ast.iter_child_nodes(node))


def _catches_import_error(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or _last_name(kind) in CATCHES_IMPORT_ERROR for kind in kinds)


def _is_type_checking(test: ast.expr) -> bool:
    return _last_name(test) == "TYPE_CHECKING"


def _last_name(node: ast.AST) -> str | None:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else None


class Finder:
    """Finds modules without importing any."""

    def __init__(self, files: Path, local: set[str], packages: Path | None) -> None:
        self._files = str(files)
        self._local = local
        self._packages = [*([str(packages)] if packages else []), *inventory.base_path()]

    def classify(self, found: Import) -> tuple[str, str]:
        """The entry's module name and kind."""
        top = found.name.partition(".")[0]
        if top in sys.stdlib_module_names or top in sys.builtin_module_names:
            return top, "standard"
        if top in self._local or self._is_local(top):
            return top, "local"
        spec = PathFinder.find_spec(top, self._packages)
        if spec is None:
            return (self._dotted(found) if top in NAMESPACE_ROOTS else top), "missing"
        # Only parts of a namespace come from different distributions; a package's own parts come with it.
        name, parts = top, found.name.split(".")[1:]
        if not parts and spec.origin is None and top in NAMESPACE_ROOTS and found.names:
            parts = [found.names[0]] if found.names[0] != "*" else []
        for part in parts:
            if spec.origin is not None or spec.submodule_search_locations is None:
                break
            name = f"{name}.{part}"
            spec = PathFinder.find_spec(name, list(spec.submodule_search_locations))
            if spec is None:
                return self._dotted(found), "missing"
        return top, "installed"

    def _dotted(self, found: Import) -> str:
        """The dotted module of an import. `google.cloud` is itself a namespace: `from google.cloud import storage`
        means google.cloud.storage."""
        parts = found.name.split(".")
        if len(parts) < 3 and parts[0] in NAMESPACE_ROOTS and found.names and found.names[0].islower():
            parts.append(found.names[0])
        return ".".join(parts)

    def _is_local(self, top: str) -> bool:
        spec = PathFinder.find_spec(top, [self._files])
        # A folder without any Python in it is a namespace package to the import system, but no module to anybody.
        if spec is not None and spec.origin is None:
            return any(Path(self._files, top).glob("*.py"))
        return spec is not None
