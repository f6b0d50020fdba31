"""The distributions and tools that are there: for /health, for installing, and for the choice of modules to preload."""

from __future__ import annotations

import functools
import importlib.metadata
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Collection
from email import message_from_string
from pathlib import Path
from typing import NamedTuple

from runner.bounds import limits

VERSION_TIMEOUT_S = 5.0
NAME = re.compile(r"[A-Za-z0-9._-]+")  # at the beginning of a requirement


def normal(name: str) -> str:
    """A distribution's name in its PEP 503 normal form."""
    return re.sub(r"[-_.]+", "-", name).lower()


class Described(NamedTuple):
    """A distribution, by its metadata."""

    version: str
    requires: list[str]
    extras: list[str]


def described(folders: list[str]) -> dict[str, Described]:
    """Distributions by normal name; the first folder wins, as it does for imports."""
    found: dict[str, Described] = {}
    for distribution in importlib.metadata.distributions(path=folders):
        # The headers without the description behind them, which is most of the text.
        text = distribution.read_text("METADATA")
        said = distribution.metadata if text is None else message_from_string(text.partition("\n\n")[0])
        name, version = said["Name"], said["Version"]
        if name and version:
            needs = distribution.requires if text is None else said.get_all("Requires-Dist")
            found.setdefault(normal(name), Described(version, _lines(needs), _lines(said.get_all("Provides-Extra"))))
    return found


def _lines(texts: list[str] | None) -> list[str]:
    return [" ".join(text.split()) for text in texts or []]


def versions(found: dict[str, Described]) -> dict[str, str]:
    """Versions by normal name."""
    return {name: each.version for name, each in found.items()}


def distributions(folders: list[str]) -> dict[str, str]:
    """Versions by normal name, read from folders."""
    return versions(described(folders))


def needs(package: Described) -> list[str]:
    """Normal names of the packages that a package needs. Those of its extras are left out; those for other systems and
    Pythons are not."""
    wanted = {normal(need[0]) for text in package.requires if "extra" not in text and (need := NAME.match(text))}
    return sorted(wanted)


def anyone_needs(names: Collection[str], others: list[Described]) -> bool:
    """Returns whether a package names one of these as a need, in any version and for any extra."""
    needs = (NAME.match(text) for each in others for text in each.requires)
    return any(need and normal(need[0]) in names for need in needs)


def base_path() -> list[str]:
    """Folders of the base's installed packages: sys.path without the standard library and the runner."""
    library = {str(Path(os.__file__).parent), str(Path(os.__file__).parent / "lib-dynload")}
    own = str(Path(__file__).parents[2])
    return [
        entry for entry in sys.path if entry and entry not in library and entry != own and not entry.endswith(".zip")
    ]


@functools.cache
def base_described() -> dict[str, Described]:
    """The distributions of the interpreter's own environment, which does not change while the runner runs."""
    return described(base_path())


@functools.cache
def base_distributions() -> dict[str, str]:
    return versions(base_described())


def at_hand(packages: Path | None) -> dict[str, Described]:
    """Distributions that a program can import: the workspace's packages before the base's."""
    return {**base_described(), **(described([str(packages)]) if packages else {})}


def importable(packages: Path | None) -> dict[str, str]:
    return versions(at_hand(packages))


def names_and_versions(found: dict[str, str]) -> list[str]:
    return [f"{name}=={version}" for name, version in sorted(found.items())]


def listed(packages: Path | None) -> list[str]:
    return names_and_versions(importable(packages))[: limits.LISTED_PACKAGES]


def uv() -> str | None:
    """The uv program: next to the interpreter or on the PATH. It may come while the runner runs."""
    return shutil.which("uv", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))


def uv_version() -> str | None:
    """uv's version, from the distribution that brought it, or from uv itself."""
    program = uv()
    return (base_distributions().get("uv") or _said_version(program)) if program else None


@functools.lru_cache(maxsize=4)
def _said_version(program: str) -> str:
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=VERSION_TIMEOUT_S).stdout
    except (OSError, subprocess.SubprocessError):
        said = ""
    words = said.split()
    return words[1] if len(words) > 1 else "unknown"


@functools.cache
def os_name() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return platform.platform(terse=True)  # no os-release file: macOS, or a bare container


# Commands worth knowing before a program is written; in this order.
COMMANDS = (
    "git curl node npm gcc make go cargo java Rscript ffmpeg magick convert dot pandoc pdflatex xelatex soffice"
    " pdftotext tesseract sqlite3 psql docker"
).split()
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "firefox")


@functools.cache
def commands() -> list[str]:
    return [name for name in COMMANDS if _which(name)]


def browser(home: Path) -> str | None:
    """The browser that a program can drive: playwright's, else one of the system. `home`: the programs'."""
    places = [os.environ.get("PLAYWRIGHT_BROWSERS_PATH"), str(home / ".cache" / "ms-playwright")]
    if any(place and any(Path(place).glob("chromium*")) for place in places):
        return "Chromium of playwright"
    return next((name for name in BROWSERS if _which(name)), None)


def _which(name: str) -> str | None:
    return shutil.which(name, path=os.environ.get("PATH", os.defpath))
