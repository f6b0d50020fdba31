"""Installing with pip: it first lists the missing distributions, then fetches exactly these. Asked to install into
a folder at once, it would bring every dependency again, also the present ones."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from runner.packages import inventory
from runner.workspace.folders import OPEN_FILE

OPTIONS = ["--progress-bar", "off", "--no-color", "--no-input"]
SCRIPT = Path(__file__).with_name("isolated_pip.py")


def resolve_command(specs: list[str], visible: Path | None, report: Path) -> list[str]:
    """The command that lists what `specs` lack in the base and the packages in `visible`."""
    return [*_pip(visible), "install", "--dry-run", "--report", str(report), *OPTIONS, "--", *specs]


def resolved(report: Path, there: dict[str, str]) -> dict[str, str]:
    """Versions by normal name that a resolve run named, without the present ones."""
    entries = [entry["metadata"] for entry in json.loads(_read(report))["install"]]
    found = {inventory.normal(entry["name"]): entry["version"] for entry in entries}
    return {name: version for name, version in found.items() if there.get(name) != version}


def _read(report: Path) -> bytes:
    """Reads the report. The installer is the programs' user: no link is followed, and no FIFO waited for."""
    with os.fdopen(os.open(report, OPEN_FILE), "rb") as file:
        return file.read()


def fetch_command(exact: dict[str, str], target: Path) -> list[str]:
    """The command that installs exactly these into a folder."""
    specs = inventory.names_and_versions(exact)
    return [*_pip(None), "install", "--no-deps", "--target", str(target), *OPTIONS, "--", *specs]


def _pip(visible: Path | None) -> list[str]:
    """-I: neither the folder that it starts in, nor variables, nor the user's own packages give it code."""
    return [sys.executable, "-I", "-u", str(SCRIPT), str(visible or "")]
