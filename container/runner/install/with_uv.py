"""Installing with uv: one run of it into a folder that shows it what is there, so it brings what is missing and
nothing else. Of a package it is shown the metadata alone, which the runner writes anew."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

from runner.packages.inventory import Described

OPTIONS = ["--no-progress", "--color", "never", "--compile-bytecode"]
# PEP 440's and, roughly, PEP 508's, as uv gives up where it meets others. No addresses: what is there has come already.
VERSION = re.compile(
    r"v?(?:\d+!)?\d+(?:\.\d+)*(?:[-_.]?(?:alpha|a|beta|b|preview|pre|c|rc)[-_.]?\d*)?"
    r"(?:-\d+|[-_.]?(?:post|rev|r)[-_.]?\d*)?(?:[-_.]?dev[-_.]?\d*)?(?:\+[a-z0-9]+(?:[-_.][a-z0-9]+)*)?",
    re.ASCII | re.IGNORECASE,
)
NEED = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._-]* ?(?:\[[^\[\]]*\] ?)?(?:[<>=!~][^;()]*|\([<>=!~][^;()]*\) ?)?(?:;.*)?", re.ASCII
)

# How it says that there is a package, but not in this version, or not for this Python.
NO_VERSION = re.compile(r"\bno\s+versions?\s+of\b|\bonly\s[^,]{1,200}\savailable\b|does\s+not\s+satisfy\s+Python")


def command(uv: str, specs: list[str], target: Path, more: list[str], own_cache: bool) -> list[str]:
    """Installs what is missing for `specs` into `target`. From a cache that others use, too, files are copied: a
    program may change those of its packages."""
    copies = [] if own_cache else ["--link-mode", "copy"]
    options = ["--target", str(target), *copies, *OPTIONS, *more]
    return [uv, "pip", "install", "--python", sys.executable, *options, "--", *specs]


def show(there: dict[str, Described], target: Path, owner: tuple[int, int] | None) -> list[Path]:
    """Makes `target`, and in it the metadata of all that is there; returns the folders of these."""
    target.mkdir()
    made = [target]
    shown: list[Path] = []
    for name, each in there.items():
        if not VERSION.fullmatch(each.version):
            continue
        folder = target / f"{name.replace('-', '_')}-{each.version}.dist-info"
        metadata, record = folder / "METADATA", folder / "RECORD"
        lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {each.version}"]
        lines += [f"Provides-Extra: {extra}" for extra in each.extras]
        lines += [f"Requires-Dist: {text}" for text in each.requires if NEED.fullmatch(text)]
        folder.mkdir()
        metadata.write_text("\n".join([*lines, ""]), "utf-8")
        # What uv removes when it brings another version.
        record.write_text("".join(f"{folder.name}/{file.name},,\n" for file in (metadata, record)), "utf-8")
        shown.append(folder)
        made += [folder, metadata, record]
    if owner:
        for path in made:
            os.chown(path, *owner)
    return shown


def take_away(shown: list[Path]) -> None:
    """Removes what was only shown. What uv has installed has a WHEEL."""
    for folder in shown:
        if not (folder / "WHEEL").exists():
            shutil.rmtree(folder, ignore_errors=True)
