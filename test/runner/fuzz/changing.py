"""Changes folders as it is told, one JSON text a line, and answers with what the runner found changed and what two whole
looks find."""

from __future__ import annotations

import asyncio
import json
import mmap
import os
import shutil
import stat
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

from runner.bounds import limits
from runner.workspace import files_now, program_file
from runner.workspace.folders import Workspace
from runner.workspace.manifest import SKIPPED_FOLDERS, Entry

ROOT = Path(tempfile.mkdtemp())
PROGRAM = "_run_main.py"
WATCHES = files_now.Watches()
ALL_WATCHED = {name: value for name, value in vars(limits).items() if name.startswith("WATCHED_")}


def whole_look(base: Path) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    for folder, names, files in os.walk(base):
        names[:] = [name for name in names if name not in SKIPPED_FOLDERS and not os.path.islink(f"{folder}/{name}")]
        for name in files:
            status = os.lstat(f"{folder}/{name}")
            path = os.path.relpath(f"{folder}/{name}", base)
            if stat.S_ISREG(status.st_mode) and not program_file.NAME.fullmatch(path):
                found[path] = Entry.of(status)
    return found


def has_linked(path: Path) -> bool:
    """Whether it is or holds a file with several names: what happens to such a name outside is not told."""
    files = [path] if path.is_file() else path.rglob("*")
    return any(file.lstat().st_nlink > 1 for file in files if not file.is_dir())


def change(bases: list[Path], step: list[Any]) -> None:
    """One step; what cannot be done is not."""
    what, which, first, second = step
    base, other = bases[which], bases[1 - which]
    a, b = base / first, base / second
    try:
        if a.is_fifo():
            what = "delete"  # whoever opens it would wait
        match what:
            case "write":
                a.write_text("x")
            case "append":
                with a.open("a") as file:
                    file.write("more")
            case "write within":
                with a.open("r+b") as file:
                    file.write(b"y")
            case "map":
                with a.open("r+b") as file:
                    mapped = mmap.mmap(file.fileno(), 0)
                mapped[0:1] = b"m"
                mapped.close()
            case "empty":
                os.truncate(a, 0)
            case "old date":
                os.utime(a, (1, 1))
            case "mode":
                a.chmod(0o600 if a.is_file() else 0o755)
            case "rename" if not (second.startswith(".git") and has_linked(a)):
                a.rename(b)
            case "give away" if not has_linked(a):
                a.rename(other / second)
            case "link" if ".git" not in first + second:
                os.link(a, b, follow_symlinks=False)
            case "symbolic link":
                a.symlink_to(b)
            case "fifo":
                os.mkfifo(a)
            case "folder":
                a.mkdir(parents=True)
            case "delete":
                a.unlink()
            case "delete folder":
                shutil.rmtree(a)
            case "new working folder":
                base.rename(ROOT / os.urandom(8).hex())
                base.mkdir()
            case "many changes":  # more than the kernel keeps
                for _ in range(10_000):
                    os.utime(a)
                    os.utime(b)
    except (OSError, ValueError):
        return


def differing(before: dict[str, Entry], after: dict[str, Entry], paths: Any) -> dict[str, list[bool]]:
    return {path: [path in before, path in after] for path in sorted(paths) if before.get(path) != after.get(path)}


def without_link_time(entries: dict[str, Entry]) -> dict[str, Entry]:
    """A name that was added to a file and taken away again has changed nothing but this."""
    return {path: entry._replace(changed_ns=0) for path, entry in entries.items()}


async def changes(runs: list[Any], bounds: dict[str, int]) -> list[Any]:
    """Each run: its own changes, and those after it. Answers with what differs in both folders, as the runner and as two
    whole looks see it."""
    for bound, value in (ALL_WATCHED | bounds).items():
        setattr(limits, bound, value)
    names = [os.urandom(8).hex() for _ in range(2)]
    spaces = [Workspace(name, ROOT / name, ROOT / name / "files", None) for name in names]
    for space in spaces:
        space.make()
    bases = [space.files for space in spaces]
    found: list[Any] = []
    for own, later in runs:
        files = [WATCHES.files(space) for space in spaces]
        moments = [await each.moment() for each in files]
        looks = [whole_look(base) for base in bases]
        for base in bases:
            (base / PROGRAM).write_text("x")
        for step in own:
            change(bases, step)
        seen = [await each.since(moment) for each, moment in zip(files, moments, strict=True)]
        told = [
            differing(moment.manifest.entries, now.entries, paths)
            for moment, (paths, now) in zip(moments, seen, strict=True)
        ]
        naive = [whole_look(base) for base in bases]
        pairs = list(zip(looks, naive, strict=True))
        found.append(
            {
                "told": told,
                "most": [differing(a, b, a.keys() | b.keys()) for a, b in pairs],
                "least": [
                    differing(without_link_time(a), without_link_time(b), a.keys() | b.keys()) for a, b in pairs
                ],
                "same": all(
                    without_link_time(now.entries) == without_link_time(look)
                    for (_, now), look in zip(seen, naive, strict=True)
                ),
                "looked_at_all": [moment.touched is None for moment in moments],
            }
        )
        for each, moment, base in zip(files, moments, bases, strict=True):
            each.drop(moment)
            (base / PROGRAM).unlink(missing_ok=True)
        for step in later:
            change(bases, step)
    for space in spaces:
        WATCHES.forget(space.files)
    return found


if __name__ == "__main__":
    for line in sys.stdin:
        try:
            answer = asyncio.run(changes(*json.loads(line)[1:]))
        except BaseException:
            answer = [{"failed": traceback.format_exc()}]
        print(json.dumps(answer), flush=True)
