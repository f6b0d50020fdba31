"""`pip install` for a program: finds the missing packages (pip sees those that programs can import), then installs
exactly these into the run's own folder, which the runner makes part of the workspace's packages when the run has
ended."""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from typing import Any

# Variables that the runner sets: the environment of the program's Python and the folder for its packages; the user's
# lists of packages.
PLACE, LISTS = "RUN_PACKAGES", "RUN_PACKAGE_LISTS"
# Options with which the caller names a folder, or wants something else than packages to import.
ELSEWHERE = re.compile(r"-t.*|--(?:target|prefix|root|editable|dry-run|report|help)(?:=.*)?|-[eh]")
# Options that are dropped: the folder is neither the user's nor the system's.
DROPPED = ("--user", "--system", "--break-system-packages")
# Options that the second step needs, too.
KEPT_FLAGS = ("--no-index", "--pre", "--no-cache-dir", "--no-build-isolation")
KEPT_VALUES = (
    "-i --index-url --extra-index-url -f --find-links --trusted-host --proxy --cert --client-cert --timeout --retries"
    " --cache-dir --no-binary --only-binary"
).split()


def run(arguments: list[str]) -> int:
    """Runs a pip command. Returns its exit code."""
    prefix, _, folder = os.environ.get(PLACE, "").partition(os.pathsep)
    command = next((each for each in arguments if not each.startswith("-")), None)
    if command != "install" or prefix != sys.prefix or any(map(ELSEWHERE.fullmatch, arguments)):
        return _pip(arguments)
    code = _install([each for each in arguments if each not in DROPPED], folder)
    importlib.invalidate_caches()
    return code


def _install(arguments: list[str], folder: str) -> int:
    with tempfile.TemporaryDirectory(prefix="pip-run-") as scratch:
        report, target = os.path.join(scratch, "report.json"), os.path.join(scratch, "target")
        code = _pip([*arguments, "--dry-run", "--report", report], "Would install ")
        if code:
            return code
        with open(report, encoding="utf-8") as file:
            missing: list[dict[str, Any]] = json.load(file)["install"]
        if not missing:
            return 0
        for each in missing:
            if each.get("requested") and (reason := _refused(each["metadata"]["name"])):
                print(f"ERROR: {reason}", file=sys.stderr, flush=True)
                return 1
        code = _pip(
            ["install", "--quiet", "--no-deps", "--target", target, *_kept(arguments), "--", *map(_exact, missing)]
        )
        if code:
            return code
        _move(target, folder)
    if not any(re.fullmatch(r"-q+|--quiet", each) for each in arguments):
        names = (f"{each['metadata']['name']}-{each['metadata']['version']}" for each in missing)
        print("Successfully installed", *sorted(names), flush=True)
    return 0


def _refused(name: str) -> str | None:
    """The reason why the user's lists keep this package from being installed, or None."""
    lists: dict[str, list[str]] = json.loads(os.environ.get(LISTS, "{}"))
    allowed, blocked = ({_normal(each) for each in lists.get(which, [])} for which in ("allowed", "blocked"))
    if _normal(name) in blocked:
        return f'"{name}" is on the user\'s list blocked_packages. Next: do without it.'
    if allowed and _normal(name) not in allowed:
        return f'"{name}" is not on the user\'s list allowed_packages. Next: do without it.'
    return None


def _pip(arguments: list[str], left_out: str | None = None) -> int:
    """Runs the real pip, in a process of its own. Lines of its output that begin with `left_out` are dropped."""
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    paths = [entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry != here]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(paths),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_ROOT_USER_ACTION": "ignore",
    }
    command = [sys.executable, "-m", "pip", *arguments]
    sys.stdout.flush()
    if left_out is None:
        return subprocess.run(command, env=environment).returncode
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, errors="replace") as process:
        assert process.stdout is not None
        for line in process.stdout:
            if not line.startswith(left_out):
                print(line, end="", flush=True)
    return process.returncode


def _kept(arguments: list[str]) -> list[str]:
    """The options among the arguments that choose the source of packages."""
    kept: list[str] = []
    waiting = iter(arguments)
    for each in waiting:
        if each in KEPT_VALUES:
            kept += [each, next(waiting, "")]
        elif each in KEPT_FLAGS or each.partition("=")[0] in KEPT_VALUES:
            kept.append(each)
    return kept


def _exact(entry: dict[str, Any]) -> str:
    name, version = entry["metadata"]["name"], entry["metadata"]["version"]
    return f"{name} @ {entry['download_info']['url']}" if entry.get("is_direct") else f"{name}=={version}"


def _move(source: str, folder: str) -> None:
    """Moves file by file: packages may share a folder. The files of another version that is here already go first."""
    fresh = {_name(each) for each in importlib.metadata.distributions(path=[source])}
    for old in importlib.metadata.distributions(path=[folder]):
        for path in (old.files or []) if _name(old) in fresh else []:
            place = f"{old.locate_file(path)}"
            if os.path.isfile(place):
                os.remove(place)
    for outer, _, names in os.walk(source):
        inner = os.path.normpath(os.path.join(folder, os.path.relpath(outer, source)))
        os.makedirs(inner, exist_ok=True)
        for name in names:
            shutil.move(os.path.join(outer, name), os.path.join(inner, name))


def _name(distribution: importlib.metadata.Distribution) -> str:
    return _normal(distribution.metadata["Name"] or "")


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
