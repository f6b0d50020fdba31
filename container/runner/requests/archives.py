"""GET and PUT of a part of a workspace as a compressed tar: so it outlives the disk that it is on."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, nullcontext
from fnmatch import fnmatchcase as fnmatch
from hashlib import sha256
from pathlib import Path

from runner.bounds import limits
from runner.bounds.refusal import Refusal
from runner.http1 import Connection, Request
from runner.install.installs import Installs
from runner.packages import generations
from runner.runs.registry import Runs
from runner.workspace import program_file
from runner.workspace.folders import Workspace
from runner.workspace.removal import remove
from runner.workspace.walk import GONE, entries

from .reset import doomed_name

# The folders of each part. Folders that another machine would make again, such as caches, are left out.
PARTS = {"files": ("files", "home"), "packages": ("packages",)}
LEFT_OUT = ("home/.cache", f"files/{program_file.EXCLUDED}")
TYPE = "application/gzip"
REASON_BYTES = 300
# GNU tar's exit code when files changed while it read them, as those of running programs do.
CHANGED = 1
PACK = (
    "--use-compress-program=gzip -1",
    *"--create --format=posix --pax-option=delete=atime,delete=ctime --sparse --numeric-owner".split(),
    *"--one-file-system --ignore-failed-read --warning=no-all --anchored".split(),
)
UNPACK = ("--extract", "--gzip", "--numeric-owner", "--preserve-permissions", "--delay-directory-restore")


async def send(request: Request, workspace: Workspace, part: str, installs: Installs) -> bool:
    """Answers with the archive, 304 when the client has the same one, 204 when there is nothing to keep. Returns
    whether the client is known to have all of it: not when the archive is sent."""
    _refuse_given_folder(workspace)
    # No installation may remove packages while they are read.
    async with installs.turn(workspace) if part == "packages" else nullcontext():
        paths = _paths(workspace, part)
        tag = await asyncio.to_thread(fingerprint, workspace.folder, paths)
        connection = request.connection
        is_known = tag is None or request.headers.get("if-none-match") == tag
        if tag is None:
            connection.head(204, {})
        elif is_known:
            connection.head(304, {"etag": tag})
        else:
            await send_packed(connection, {"etag": tag}, workspace.folder, LEFT_OUT, paths)
        await connection.writer.drain()
        return is_known


async def send_packed(
    connection: Connection,
    headers: dict[str, str],
    folder: Path,
    left_out: Sequence[str],
    paths: Sequence[str],
    below: str | None = None,
) -> None:
    """Answers with what is at the paths below a folder, as a compressed tar. `below`: a folder that stands in the names
    there in the place of the `.` at their beginning."""
    # Links lead where they led (S): only names of members change, and those that hard links give.
    renamed = () if below is None else (f"--transform=s,^\\.,{below},S",)
    stream = connection.chunks(TYPE, headers)
    try:
        async with tar_at_work(folder, *PACK, *renamed, *(f"--exclude={path}" for path in left_out), *paths) as tar:
            assert tar.stdout is not None
            while piece := await tar.stdout.read(limits.READ_BYTES):
                if stream.gone:
                    raise ConnectionResetError("the client left")
                await stream.send(piece)
        if tar.returncode not in (0, CHANGED):
            raise RuntimeError(f"tar ended with code {tar.returncode}")
        await stream.end()
    finally:
        stream.close()


async def receive(request: Request, workspace: Workspace, part: str, runs: Runs, installs: Installs) -> None:
    """Replaces the part by the content of the archive, all or nothing."""
    _refuse_given_folder(workspace)
    async with installs.turn(workspace):
        _refuse_live(workspace, runs)
        scratch = doomed_name(workspace)
        scratch.mkdir()
        try:
            await _unpack(request, scratch)
            _refuse_live(workspace, runs)
            new = [name for name in PARTS[part] if _is_folder(scratch / name)]
            for name in PARTS[part]:
                (workspace.folder / name).rename(scratch / f"old-{name}")
            for name in new:
                (scratch / name).rename(workspace.folder / name)
            workspace.make()
            runs.space(workspace).changed(packages=True)
        finally:
            await asyncio.to_thread(remove, scratch)


def fingerprint(folder: Path, paths: list[str]) -> str | None:
    """An entity tag that changes with the name, kind, mode, size, mtime or target of anything at `paths`; None when
    there is nothing but these folders. Refuses too many entries. Blocks."""
    total, count, waiting = 0, 0, list(paths)
    while waiting:
        path = waiting.pop()
        try:
            found = list(entries(f"{folder / path}"))
        except OSError as error:
            if path in paths and _is_folder(folder / path):
                raise  # nothing is known of it: it is not empty
            if error.errno not in GONE:
                total += int.from_bytes(os.urandom(32), "big")  # closed, or too deep: it may have changed at any time
            continue
        for name, status in found:
            inner = f"{path}/{name}"
            if any(fnmatch(inner, left_out) for left_out in LEFT_OUT):
                continue
            count += 1
            if count > limits.ARCHIVE_ENTRIES:
                raise Refusal("too_large", f"there are more than {limits.ARCHIVE_ENTRIES} files; delete some")
            if stat.S_ISDIR(status.st_mode):
                waiting.append(inner)
            # A sum of hashes, so that the order in which a file system names its entries does not matter.
            facts = os.fsencode(f"{inner}\0{_facts(folder / inner, status)}")
            total += int.from_bytes(sha256(facts).digest(), "big")
    return f'"{total % 2**256:064x}"' if count else None


def _facts(path: Path, status: os.stat_result) -> str:
    if stat.S_ISLNK(status.st_mode):
        try:
            return os.readlink(path)
        except OSError:
            return ""  # it went away since it was listed
    if stat.S_ISREG(status.st_mode):
        return f"{status.st_mode} {status.st_size} {status.st_mtime_ns}"
    return f"{status.st_mode}"


def _paths(workspace: Workspace, part: str) -> list[str]:
    """Paths of the archive, below the workspace's folder. Of packages only the generation that the next run uses."""
    if part != "packages":
        return list(PARTS[part])
    generation = generations.current(workspace)
    return [f"packages/{name}" for name in (generations.CURRENT, generation.name)] if generation else []


async def _unpack(request: Request, folder: Path) -> None:
    async with tar_at_work(folder, *UNPACK) as tar:
        assert tar.stdin is not None and tar.stderr is not None
        try:
            async for piece in request.chunks(limits.ARCHIVE_BYTES):
                tar.stdin.write(piece)
                await tar.stdin.drain()
            tar.stdin.close()
        except BrokenPipeError:
            pass  # it did not want the rest; its words give the reason
        reason = (await tar.stderr.read()).decode("utf-8", "replace").strip()[-REASON_BYTES:]
    if tar.returncode != 0:
        raise Refusal("bad_request", f"the archive cannot be unpacked ({reason or f'tar: code {tar.returncode}'})")


@asynccontextmanager
async def tar_at_work(folder: Path, *arguments: str) -> AsyncGenerator[Process]:
    """GNU tar at work in a folder; it has ended afterwards. With input its words can be read, otherwise its output."""
    unpacks = "--extract" in arguments
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
    command = ("tar", "-C", f"{folder}", *arguments)
    tar = await asyncio.create_subprocess_exec(
        *command,
        stdin=PIPE if unpacks else DEVNULL,
        stdout=None if unpacks else PIPE,
        stderr=PIPE if unpacks else DEVNULL,
        env=environment,
        start_new_session=True,
    )
    try:
        yield tar
        await tar.wait()
    finally:
        if tar.returncode is None:
            os.killpg(tar.pid, signal.SIGKILL)  # its gzip too
            await tar.wait()


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _refuse_given_folder(workspace: Workspace) -> None:
    if not workspace.owns_files:
        raise Refusal("conflict", "the working folder was given to the runner, which keeps no archive of it")


def _refuse_live(workspace: Workspace, runs: Runs) -> None:
    if runs.live_in(workspace):
        raise Refusal("conflict", "programs are running in the workspace; wait for them, or cancel them")
