"""GET, PUT and DELETE of single files, and the list of all: a workspace's files over HTTP."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import AsyncIterator
from datetime import datetime, timezone
from typing import Any, cast
from urllib.parse import unquote_to_bytes

from runner.bounds import limits
from runner.bounds.refusal import Refusal
from runner.http1 import Request
from runner.workspace import folders, manifest, mime, program_file
from runner.workspace.files_now import FilesNow
from runner.workspace.folders import Workspace
from runner.workspace.removal import remove_in
from runner.workspace.space import Room, Space

from . import archives
from .uploads import Uploads

LAST_SECOND = 253_402_300_799  # the end of the year 9999
# A folder that an archive's names begin with: plain enough to be part of an expression of tar's.
BELOW = re.compile(r"[a-z0-9-]+(?:/[a-z0-9-]+)*")


async def list_files(workspace: Workspace, files: FilesNow, space: Space, uploads: Uploads) -> dict[str, Any]:
    """All regular files by path, within the bounds; `cut` says that some are left out. Also the uploads that wait for
    their next piece, and the space that everything in the workspace takes."""
    uploads.sweep(workspace, space)
    found = await files.now()
    paths = sorted(found.entries)
    return {
        "files": [
            {
                "path": path,
                "bytes": found.entries[path].bytes,
                "modified": _time(found.entries[path].modified_ns),
                "mime": manifest.mime_of(workspace.files, path),
            }
            for path in paths[: limits.LISTED_FILES]
        ],
        "cut": found.cut or len(paths) > limits.LISTED_FILES,
        "uploads": [
            {**upload.as_json(), "modified": _time(int(upload.modified_s * 1e9))}
            for upload in uploads.unfinished(workspace)
        ],
        "use": (await space.use()).as_json(),
    }


def path_of(segments: list[str]) -> str:
    """The file's path from the percent-encoded segments of the request."""
    try:
        parts = [unquote_to_bytes(segment).decode() for segment in segments]
    except UnicodeDecodeError as error:
        raise Refusal("bad_request", "a file's path must be percent-encoded UTF-8") from error
    if any("/" in part for part in parts):
        raise Refusal("bad_request", "a segment of a file's path must not contain an encoded slash")
    return "/".join(parts)


async def send_file(request: Request, workspace: Workspace, path: str) -> None:
    """Answers with a file's bytes as they were when it was opened, even if it shrinks (then the answer breaks off)."""
    fd = folders.open_regular(workspace.files, path)
    connection = request.connection
    with os.fdopen(fd, "rb", buffering=0) as file:
        left = os.fstat(fd).st_size
        connection.streaming = True
        connection.head(
            200,
            {
                "content-type": mime.of_open_file(path, fd),
                "content-length": f"{left}",
                "x-content-type-options": "nosniff",
                "cache-control": "no-store",
            },
        )
        while left:
            piece = file.read(min(left, limits.READ_BYTES))
            if not piece:
                raise ConnectionResetError("the file became shorter while it was sent")
            left -= len(piece)
            connection.writer.write(piece)
            await connection.writer.drain()
            await asyncio.sleep(0)
        connection.streaming = False


async def receive_file(request: Request, workspace: Workspace, path: str, space: Space, quota: int) -> int:
    """Stores the body as a file when the workspace has room for it. Returns the status that says whether it was new."""
    folders.check_writable(workspace.files, path)
    most = limits.Limits().file_bytes
    async with space.room(quota, folders.size_on_disk(workspace.files, path)) as room:
        pieces = request.chunks(most)
        if request.left is None:
            pieces = _taken(pieces, room)
        else:
            room.take(min(request.left, most))  # before anything is read
        created = await folders.write(workspace.files, path, pieces, workspace.owner)
    return 201 if created else 200


async def _taken(pieces: AsyncIterator[bytes], room: Room) -> AsyncIterator[bytes]:
    async for piece in pieces:
        room.take(len(piece))
        yield piece


async def send_several(request: Request, workspace: Workspace) -> None:
    """Answers with the files and folders that `?tar=` names, or with all, as a compressed tar; with `below` their names
    there begin with that folder."""
    try:
        named = json.loads(request.query["tar"])
        paths = [f"{path}" for path in cast("list[object]", named)] if isinstance(named, list) else None
    except ValueError:
        paths = None
    if paths is None or not set(request.query) <= {"tar", "below"}:
        raise Refusal("bad_request", "?tar= is a list of paths as JSON; an empty one means all")
    below = request.query.get("below")
    if below is not None and BELOW.fullmatch(below) is None:
        raise Refusal("bad_request", "below= is a folder such as all/files, of a-z, 0-9 and -")
    for path in paths:
        if not folders.exists(workspace.files, path):
            raise Refusal("not_found", f"there is neither a file nor a folder {path[:200]!r} in the workspace")
    left_out = [f"./{program_file.EXCLUDED}"]
    members = [f"./{path}" for path in paths] or ["."]
    await archives.send_packed(request.connection, {}, workspace.files, left_out, members, below)
    await request.connection.writer.drain()


async def delete_folder(workspace: Workspace, path: str) -> int:
    """Deletes a folder with all that is in it. Returns how many files there were."""
    folder = folders.open_folder_of(workspace.files, path)
    try:
        return await asyncio.to_thread(remove_in, folder, path.rsplit("/", 1)[-1])
    finally:
        os.close(folder)


def _time(nanoseconds: int) -> str:
    # A program may give a file any time; one beyond the calendar is shown as the nearest date.
    moment = datetime.fromtimestamp(min(max(nanoseconds // 1_000_000_000, 0), LAST_SECOND), timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
