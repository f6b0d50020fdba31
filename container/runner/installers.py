"""The command lines of uv and pip. Both first say what is missing (`resolve`), then fetch exactly that
(`fetch`): asked to install into a folder at once, they would bring every dependency again, also those that
are there."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from . import inventory

# uv's line for a distribution that it would install; it prints such lines only in a dry run's summary.
UV_ADDED = re.compile(r"^ \+ ([A-Za-z0-9._-]+==[A-Za-z0-9.!+_-]+)$", re.MULTILINE)
PIP_OPTIONS = ["--progress-bar", "off", "--no-color"]
UV_OPTIONS = ["--no-progress", "--color", "never"]


def resolve_command(specs: list[str], kept: dict[str, str], report: Path, constraints: Path) -> list[str]:
    """Says what is missing for `specs`. pip sees the workspace's packages through PYTHONPATH; uv does not
    look there, so it gets `kept` as versions to agree with."""
    if uv := inventory.uv():
        constraints.write_text("".join(f"{name}=={version}\n" for name, version in sorted(kept.items())))
        agreed = ["--constraint", str(constraints)] if kept else []
        return [
            uv,
            "pip",
            "install",
            "--dry-run",
            "--python",
            sys.executable,
            *agreed,
            *UV_OPTIONS,
            "--",
            *specs,
        ]
    return [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--dry-run",
        "--report",
        str(report),
        *PIP_OPTIONS,
        "--",
        *specs,
    ]


def resolved(output: str, report: Path, kept: dict[str, str]) -> list[str]:
    """The exact requirements that a resolve run named, without those that are kept as they are."""
    if inventory.uv():
        found = UV_ADDED.findall(output)
    else:
        entries = [entry["metadata"] for entry in json.loads(report.read_text())["install"]]
        found = [f"{entry['name']}=={entry['version']}" for entry in entries]
    there = {f"{name}=={version}" for name, version in kept.items()}
    return [
        spec
        for spec in found
        if f"{inventory.normal(spec.partition('==')[0])}=={spec.partition('==')[2]}" not in there
    ]


def fetch_command(exact: list[str], target: Path) -> list[str]:
    """Installs exactly these into a folder."""
    options = ["--no-deps", "--target", str(target)]
    if uv := inventory.uv():
        options.append("--compile-bytecode")
        return [uv, "pip", "install", "--python", sys.executable, *options, *UV_OPTIONS, "--", *exact]
    return [sys.executable, "-m", "pip", "install", *options, *PIP_OPTIONS, "--", *exact]
