"""Files that come in pieces, each in a request of its own. Until the last has come they stand in a folder that programs
do not see, so that nothing partial ever stands under a file's name."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

from runner.bounds import limits
from runner.bounds.refusal import Refusal
from runner.http1 import Request
from runner.runs.leaving import Unfetched
from runner.workspace import disk, folders
from runner.workspace.folders import Workspace
from runner.workspace.space import Space

from . import fields

UPLOAD_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
SHA256 = re.compile(r"[0-9a-f]{64}")
NUMBER = re.compile(r"[0-9]{1,15}")
QUERY = ("upload", "from", "bytes", "workspace_bytes", "sha256")


class Piece(NamedTuple):
    """A piece of an upload, as its request names it."""

    upload: str
    start: int  # byte of the file at which it begins
    total: int  # bytes of the whole file
    sha256: str | None  # of the whole file


class Kept(NamedTuple):
    """What is kept of an upload."""

    path: str
    upload: str
    total: int
    is_done: bool
    received: int
    modified_s: float

    def as_json(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "upload": self.upload,
            "bytes": self.total,
            "received": self.received,
            "done": self.is_done,
        }


def piece_of(query: dict[str, str]) -> Piece:
    """The piece that a request's query names."""
    upload = upload_of(query)
    numbers = [query.get(name, "") for name in ("from", "bytes")]
    sha256 = query.get("sha256")
    if set(query) - set(QUERY) or not all(NUMBER.fullmatch(number) for number in numbers):
        raise Refusal("bad_request", f"a piece of an upload has the query {', '.join(QUERY)}; the last may be left out")
    if sha256 is not None and not SHA256.fullmatch(sha256):
        raise Refusal("bad_request", "sha256 must be 64 hex digits")
    start, total = map(int, numbers)
    return Piece(upload, start, total, sha256)


def upload_of(query: dict[str, str]) -> str:
    upload = query.get("upload", "")
    if not UPLOAD_ID.fullmatch(upload):
        raise Refusal("bad_request", "an upload is named by 8 to 64 of [A-Za-z0-9_-]")
    return upload


class Uploads:
    """The uploads of all workspaces. What is kept of them is on disk alone, and outlives the runner."""

    def __init__(self, unfetched: Unfetched) -> None:
        self._unfetched = unfetched
        self._turns: dict[Path, object] = {}  # the request that may write each upload now: the newest

    async def serve(self, request: Request, workspace: Workspace, path: str, space: Space) -> None:
        """Answers a request that is about an upload."""
        status = 200
        if request.method == "PUT":
            piece, quota = piece_of(request.query), fields.query_quota(request.query)
            kept = await self.receive(request, workspace, path, piece, space, quota)
            status = 200 if kept.is_done else 202
            if kept.is_done:
                self._unfetched.changed(workspace)
        else:
            upload = upload_of(request.query)
            kept = self.kept(workspace, path, upload)
            if request.method == "DELETE":
                self._drop(_place(workspace, path, upload))
                space.changed()
        await request.connection.answer(status, kept.as_json())

    async def receive(
        self, request: Request, workspace: Workspace, path: str, piece: Piece, space: Space, quota: int
    ) -> Kept:
        """Stores a piece, and with the last one the file. Returns what there is of the upload now."""
        folders.check_writable(workspace.files, path)
        length, most = request.left, limits.Limits().file_bytes
        if piece.total > most:
            raise Refusal("too_large", f"the file is longer than {limits.words(most)}, the most that one may have")
        if length is None or not 0 < length <= piece.total - piece.start:
            raise Refusal("bad_request", "a piece needs a content-length, and must lie within the file")
        self.sweep(workspace, space)
        kept, part = self._kept(workspace, path, piece.upload), _place(workspace, path, piece.upload)
        end = piece.start + length
        if kept and kept.is_done and end == kept.total == piece.total and piece.start > 0:
            async for _ in request.chunks(length):  # its answer was lost
                continue
            return kept
        if kept is None or kept.is_done:
            kept = Kept(path, piece.upload, piece.total, False, 0, time.time())
        if kept.total != piece.total:
            words = (
                f"the upload was begun for a file of {kept.total} bytes, so the file has changed; begin another upload"
            )
            raise Refusal("conflict", words)
        if kept.received != piece.start:
            raise Refusal("conflict", f"{kept.received} bytes of the upload are here; send the piece that begins there")
        async with space.room(quota, folders.size_on_disk(workspace.files, path)) as room:
            room.take(piece.total - piece.start)  # before anything is read, and for all that is still to come
            await self._append(request, part, kept, length)
            asyncio.get_running_loop().call_later(limits.UPLOAD_S + 1, self.sweep, workspace, space)
            if end == kept.total:
                try:
                    await self._finish(workspace, part, kept, piece.sha256)
                except BaseException:
                    if part.exists():
                        os.truncate(part, kept.received)  # so that the last piece can be sent again
                    raise
        return self.kept(workspace, path, piece.upload)

    def kept(self, workspace: Workspace, path: str, upload: str) -> Kept:
        kept = self._kept(workspace, path, upload)
        if kept is None:
            raise Refusal("not_found", "there is no such upload; begin it with its first piece")
        return kept

    def unfinished(self, workspace: Workspace) -> list[Kept]:
        """The uploads whose last piece has not come, by path."""
        found = [kept for kept in map(_read, workspace.uploads.glob("*.json")) if kept and not kept.is_done]
        return sorted(found)[: limits.LISTED_UPLOADS]

    def sweep(self, workspace: Workspace, space: Space) -> None:
        """Removes uploads to which nothing has come for long."""
        if self._sweep(workspace.uploads):
            space.changed()

    def sweep_all(self, root: Path) -> None:
        """Removes such uploads of all workspaces."""
        for folder in root.glob("*/uploads"):
            self._sweep(folder)

    def _sweep(self, folder: Path) -> bool:
        old = [
            facts.with_suffix(".part")
            for facts in folder.glob("*.json")
            if (kept := _read(facts)) is None or time.time() - kept.modified_s > limits.UPLOAD_S
        ]
        for part in old:
            if part not in self._turns:
                self._drop(part)
        return bool(old)

    def _kept(self, workspace: Workspace, path: str, upload: str) -> Kept | None:
        return _read(_place(workspace, path, upload).with_suffix(".json"))

    def _drop(self, part: Path) -> None:
        self._turns.pop(part, None)
        for file in (part, part.with_suffix(".json")):
            file.unlink(missing_ok=True)

    async def _append(self, request: Request, part: Path, kept: Kept, length: int) -> None:
        """Writes the body behind what there is of the upload. What has come stays when the client leaves."""
        turn = object()
        try:
            part.parent.mkdir(mode=0o700, exist_ok=True)
            if kept.received == 0:
                _write_facts(part, kept)
            # Without a buffer, so that the file's size always says what has come.
            fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            with os.fdopen(fd, "wb", buffering=0) as file:
                if os.fstat(fd).st_size != kept.received:
                    raise _overtaken()
                self._turns[part] = turn
                async for chunk in request.chunks(length):
                    if self._turns.get(part) is not turn:
                        raise _overtaken()
                    left = memoryview(chunk)
                    while left:
                        left = left[file.write(left) :]
        except OSError as error:
            if not disk.is_full(error):
                raise
            raise disk.refusal("what has come so far is kept, and no more can be stored") from error
        finally:
            if self._turns.get(part) is turn:
                del self._turns[part]

    async def _finish(self, workspace: Workspace, part: Path, kept: Kept, sha256: str | None) -> None:
        """Puts the file under its name."""
        if sha256 and sha256 != await asyncio.to_thread(_sha256, part):
            self._drop(part)
            words = "what has come has another SHA-256 than the file, so the file has changed meanwhile"
            raise Refusal("bad_request", f"{words}, and nothing was stored; begin another upload")
        if not folders.place(workspace.files, kept.path, part, workspace.owner):
            # The working folder is on another disk.
            await folders.write(workspace.files, kept.path, _pieces(part), workspace.owner)
            os.unlink(part)
        _write_facts(part, kept._replace(is_done=True))


def _overtaken() -> Refusal:
    return Refusal("conflict", "another request goes on with this upload, or has ended it; ask how much is here")


def _place(workspace: Workspace, path: str, upload: str) -> Path:
    name = hashlib.sha256(f"{upload}\0{path}".encode()).hexdigest()[:32]
    return workspace.uploads / f"{name}.part"


def _read(facts: Path) -> Kept | None:
    try:
        said = json.loads(facts.read_text())
        path, upload, total, is_done = str(said["path"]), str(said["upload"]), int(said["bytes"]), bool(said["done"])
        status = facts.stat()
        try:
            part = facts.with_suffix(".part").stat()
            received, modified_s = part.st_size, max(part.st_mtime, status.st_mtime)
        except FileNotFoundError:
            received, modified_s = 0, status.st_mtime
        return Kept(path, upload, total, is_done, total if is_done else received, modified_s)
    except (OSError, ValueError, KeyError, TypeError):
        return None  # there is none, or a program has written there


def _write_facts(part: Path, kept: Kept) -> None:
    new = part.with_suffix(".new")
    said = {"path": kept.path, "upload": kept.upload, "bytes": kept.total, "done": kept.is_done}
    new.write_text(json.dumps(said))
    new.replace(part.with_suffix(".json"))


def _sha256(part: Path) -> str:
    digest = hashlib.sha256()
    with part.open("rb") as file:
        while piece := file.read(limits.PIPE_BYTES):
            digest.update(piece)
    return digest.hexdigest()


async def _pieces(part: Path) -> AsyncIterator[bytes]:
    with part.open("rb") as file:
        while piece := file.read(limits.READ_BYTES):
            yield piece
            await asyncio.sleep(0)
