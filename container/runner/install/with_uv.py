"""Installing with uv: one run of it into a folder that shows it the present distributions, so it brings the missing
ones and nothing else. Only the metadata of each is shown, which the runner writes anew."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

from runner.packages.inventory import Described

OPTIONS = ["--no-progress", "--color", "never", "--compile-bytecode"]
# Forms of PEP 440 and, roughly, of PEP 508, as uv gives up where it meets others. No addresses: the present
# distributions have come already.
VERSION = re.compile(
    r"v?(?:\d+!)?\d+(?:\.\d+)*(?:[-_.]?(?:alpha|a|beta|b|preview|pre|c|rc)[-_.]?\d*)?"
    r"(?:-\d+|[-_.]?(?:post|rev|r)[-_.]?\d*)?(?:[-_.]?dev[-_.]?\d*)?(?:\+[a-z0-9]+(?:[-_.][a-z0-9]+)*)?",
    re.ASCII | re.IGNORECASE,
)
NEED = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._-]* ?(?:\[[^\[\]]*\] ?)?(?:[<>=!~][^;()]*|\([<>=!~][^;()]*\) ?)?(?:;.*)?", re.ASCII
)

# uv's words for a package that has no such version, or none for this Python.
NO_VERSION = re.compile(r"\bno\s+versions?\s+of\b|\bonly\s[^,]{1,200}\savailable\b|does\s+not\s+satisfy\s+Python")


def command(uv: str, specs: list[str], target: Path, more: list[str], own_cache: bool) -> list[str]:
    """The command that installs what `specs` lack into `target`. Files from a cache that others use, too, are
    copied: a program may change those of its packages."""
    copies = [] if own_cache else ["--link-mode", "copy"]
    options = ["--target", str(target), *copies, *OPTIONS, *more]
    return [uv, "pip", "install", "--python", sys.executable, *options, "--", *specs]


def cache_variables(environment: dict[str, str], instead: Path) -> dict[str, str]:
    """The variables that lead uv to the cache `instead` of one that it cannot write, with which it would give up."""
    if "UV_CACHE_DIR" in environment or "UV_NO_CACHE" in environment:
        return {}
    folder = Path(environment.get("XDG_CACHE_HOME") or Path(environment["HOME"]) / ".cache") / "uv"
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return {} if os.access(folder, os.W_OK) else {"UV_CACHE_DIR": str(instead)}


def show(there: dict[str, Described], target: Path, owner: tuple[int, int] | None) -> list[Path]:
    """Makes `target`, and in it the metadata of all present distributions. Returns their folders."""
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
        # Files that uv removes when it brings another version.
        record.write_text("".join(f"{folder.name}/{file.name},,\n" for file in (metadata, record)), "utf-8")
        shown.append(folder)
        made += [folder, metadata, record]
    if owner:
        for path in made:
            os.chown(path, *owner)
    return shown


def take_away(shown: list[Path]) -> None:
    """Removes the shown metadata. A distribution that uv has installed has a WHEEL."""
    for folder in shown:
        if not (folder / "WHEEL").exists():
            shutil.rmtree(folder, ignore_errors=True)
