"""The block of a program that declares its requirements (PEP 723):

# /// script
# requires-python = ">=3.11"
# dependencies = ["humanize==4.0.0"]
# ///

They are compared with the installed distributions."""

from __future__ import annotations

import importlib
import platform
from pathlib import Path
from typing import Any, cast

from runner.bounds import limits
from runner.packages import inventory

PROBLEM_CHARS = 200


def read(code: str, packages: Path | None) -> dict[str, Any] | None:
    """None without a block. `packages`: the workspace's. `missing`: the dependencies that are not there, in that
    version; `requires_python`: its requirement when this is another Python; `problem`: the reason why the block
    cannot be read."""
    text = _block(code)
    if text is None:
        return None
    found: dict[str, Any] = {"dependencies": [], "missing": [], "requires_python": None, "problem": None}
    try:
        data = _toml().loads(text)
    except ValueError as error:
        return {**found, "problem": f"{error}"[:PROBLEM_CHARS]}
    given, python = data.get("dependencies", []), data.get("requires-python")
    if not isinstance(given, list) or not all(isinstance(each, str) for each in cast("list[object]", given)):
        return {**found, "problem": "dependencies must be a list of strings"}
    dependencies = cast("list[str]", given)
    if len(dependencies) > limits.SPECS or any(len(each) > limits.SPEC_CHARS for each in dependencies):
        return {**found, "problem": f"there are more than {limits.SPECS} dependencies, or one is too long"}
    if isinstance(python, str) and not _allows(python, platform.python_version()):
        found["requires_python"] = python[: limits.SPEC_CHARS]
    distributions = inventory.importable(packages)
    missing = [each for each in dependencies if not _is_there(each, distributions)]
    return {**found, "dependencies": dependencies, "missing": missing}


def _block(code: str) -> str | None:
    """The text of the block, without its comment signs."""
    inside: list[str] | None = None
    for line in code.splitlines():
        if inside is None:
            inside = [] if line.rstrip() == "# /// script" else None
        elif line.rstrip() == "# ///":
            return "\n".join(inside)
        elif line == "#" or line.startswith("# "):
            inside.append(line[2:])
        else:
            inside = None
    return None


def _toml() -> Any:
    try:
        return importlib.import_module("tomllib")
    except ModuleNotFoundError:
        return importlib.import_module("pip._vendor.tomli")  # Python 3.10


def _packaging(part: str) -> Any:
    """A part of pip's library for versions."""
    return importlib.import_module(f"pip._vendor.packaging.{part}")


def _allows(specifier: str, version: str) -> bool:
    try:
        return _packaging("specifiers").SpecifierSet(specifier).contains(version, prereleases=True)
    except (ImportError, ValueError):
        return True  # nobody can say


def _is_there(spec: str, distributions: dict[str, str]) -> bool:
    """Returns whether nothing has to be installed for it. The installer judges extras."""
    try:
        wanted = _packaging("requirements").Requirement(spec)
    except (ImportError, ValueError):
        return False
    if wanted.marker and not wanted.marker.evaluate():
        return True
    version = distributions.get(inventory.normal(wanted.name))
    return bool(
        version and not wanted.url and not wanted.extras and wanted.specifier.contains(version, prereleases=True)
    )
