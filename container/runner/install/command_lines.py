"""The command lines of uv and pip. Both first say what is missing (`resolve`), then fetch exactly that
(`fetch`): asked to install into a folder at once, they would bring every dependency again, also those that
are there."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

from runner.packages import inventory
from runner.workspace.folders import OPEN_FILE

# uv's line for a distribution that it would install; it prints such lines only in a dry run's summary.
UV_ADDED = re.compile(r"^ \+ ([A-Za-z0-9._-]+==[A-Za-z0-9.!+_-]+)$", re.MULTILINE)
PIP_OPTIONS = ["--progress-bar", "off", "--no-color", "--no-input"]
PIP = Path(__file__).with_name("isolated_pip.py")
BROKEN_NEEDS = Path(__file__).with_name("broken_needs.py")
UV_OPTIONS = ["--no-progress", "--color", "never"]


def resolve_command(
    specs: list[str], visible: Path | None, kept: dict[str, str], report: Path, constraints: Path
) -> list[str]:
    """Says what is missing for `specs`. pip is shown the packages in `visible`; uv cannot be, so it gets `kept` as
    versions to agree with."""
    if uv := inventory.uv():
        constraints.write_text("".join(f"{name}=={version}\n" for name, version in sorted(kept.items())))
        agreed = ["--constraint", str(constraints)] if kept else []
        options = ["--dry-run", *agreed]
        return [uv, "pip", "install", "--python", sys.executable, *options, *UV_OPTIONS, "--", *specs]
    options = ["--dry-run", "--report", str(report)]
    return [*_pip(visible), "install", *options, *PIP_OPTIONS, "--", *specs]


def resolved(output: str, report: Path, kept: dict[str, str]) -> list[str]:
    """The exact requirements that a resolve run named, without those that are kept as they are."""
    if inventory.uv():
        found = UV_ADDED.findall(output)
    else:
        entries = [entry["metadata"] for entry in json.loads(_read(report))["install"]]
        found = [f"{entry['name']}=={entry['version']}" for entry in entries]
    there = {f"{name}=={version}" for name, version in kept.items()}
    return [
        spec for spec in found if f"{inventory.normal(spec.partition('==')[0])}=={spec.partition('==')[2]}" not in there
    ]


def _read(report: Path) -> bytes:
    """The installer is the programs' user: no link is followed, and no FIFO waited for."""
    with os.fdopen(os.open(report, OPEN_FILE), "rb") as file:
        return file.read()


def fetch_command(exact: list[str], target: Path) -> list[str]:
    """Installs exactly these into a folder."""
    options = ["--no-deps", "--target", str(target)]
    if uv := inventory.uv():
        options.append("--compile-bytecode")
        return [uv, "pip", "install", "--python", sys.executable, *options, *UV_OPTIONS, "--", *exact]
    return [*_pip(None), "install", *options, *PIP_OPTIONS, "--", *exact]


def broken_command(target: Path, visible: Path | None, names: list[str]) -> list[str]:
    """Says which packages would not get what they need of these names, when `target` comes before what is there."""
    return [sys.executable, "-I", str(BROKEN_NEEDS), str(target), str(visible or target), *names]


def _pip(visible: Path | None) -> list[str]:
    """-I: neither the folder that it starts in, nor variables, nor the user's own packages give it code."""
    return [sys.executable, "-I", "-u", str(PIP), str(visible or "")]
