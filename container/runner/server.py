"""Routes requests: checks the token, finds the handler, and answers in HTTP."""

from __future__ import annotations

import asyncio
import hmac
import platform
import re
import sys
import traceback
from pathlib import Path

from . import VERSION
from .bounds import limits
from .bounds.refusal import Refusal
from .http1 import Connection, Request
from .install.installs import Installs
from .packages import generations, inventory
from .packages.check.checkers import Checkers
from .requests import archives, fields, files
from .requests.packages import install, list_packages, remove_package
from .requests.pictures import Pictures
from .requests.programs import Programs
from .requests.reset import remove_leftovers, reset, wipe
from .requests.uploads import Uploads
from .runs.leaving import Unfetched, leave
from .runs.registry import Runs
from .start.ways import Starts
from .workspace import disk, folders, program_file
from .workspace.commons import Commons
from .workspace.folders import Owner, Workspace, open_workspace

LOOPBACK_HOST = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\])(?::[0-9]{1,5})?", re.IGNORECASE)


class Server:
    """The server behind the port."""

    def __init__(
        self,
        token: str,
        root: Path,
        shared_files: Path | None,
        owner: Owner,
        loopback: bool,
        starts: Starts,
        unused_s: float,
        package_hosts: list[str],
        checkers: Checkers,
    ) -> None:
        self._token = token
        self._root = root
        self._files = shared_files
        self._owner = owner
        self._loopback = loopback
        self._package_hosts = package_hosts
        self.starts = starts
        self.commons = Commons(owner, starts.private)
        self._unfetched = Unfetched(tuple(archives.PARTS))
        self._leaving = False
        self.runs = Runs(starts, unused_s, self.commons, self._unfetched)
        self.installs = Installs(starts, self.runs, self.commons, self._unfetched)
        self.runs.adopt = self.installs.adopt
        self._programs = Programs(self.runs, starts, checkers)
        self._pictures = Pictures(starts, self.commons)
        self._uploads = Uploads(self._unfetched)

    def tidy(self) -> None:
        """Removes files that programs of a killed runner have left. Before any program starts."""
        self.commons.tidy()
        program_file.sweep(self._root)

    async def remove_leftovers(self) -> None:
        """Removes what a killed runner was deleting, and uploads that nobody has finished meanwhile."""
        await asyncio.to_thread(remove_leftovers, self._root)
        self._uploads.sweep_all(self._root)

    async def end(self) -> None:
        """Cuts off every run and installation; their readers are told."""
        await asyncio.gather(self.runs.end_all(), self.installs.end())
        await self.runs.read_out()

    async def leave(self, most_s: float) -> None:
        """Takes nothing new from now on, and returns when there is nothing left to wait for."""
        self._leaving = True
        print("runner: told to end, it leaves when nothing lives in it any more", file=sys.stderr, flush=True)

        def busy() -> bool:
            return self.runs.live + self.installs.live > 0

        await leave(most_s, busy, lambda: asyncio.ensure_future(self.end()), self._unfetched)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serves one connection, request after request."""
        connection = Connection(reader, writer)
        try:
            keep = True
            while keep:
                keep = await self._one(connection)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.TimeoutError):
            pass  # the client left; the reader of its run decides about the run
        except asyncio.CancelledError:
            pass  # the runner ends
        finally:
            writer.close()

    async def _one(self, connection: Connection) -> bool:
        request = None
        try:
            request = await connection.next_request()
            if request is None:
                return False
            self._check_caller(request)
            await self._route(request)
        except Refusal as refusal:
            await self._refuse(connection, refusal)
            if request is not None and not connection.writer.is_closing():
                await asyncio.wait_for(request.discard(), limits.DISCARD_S)
            if not connection.writer.is_closing() and (request is None or request.left != 0):
                await asyncio.wait_for(connection.linger(), limits.LINGER_S)
        except (ConnectionError, asyncio.IncompleteReadError):
            raise
        except Exception as error:
            traceback.print_exc()
            failed = Refusal("internal", "the runner failed; its log on stderr says why")
            is_full = disk.is_full(error)
            await self._refuse(connection, disk.refusal("nothing more can be stored") if is_full else failed)
        # A body that was not read would be taken for the next request.
        return request is not None and request.keep_alive and request.left == 0 and not connection.writer.is_closing()

    async def _refuse(self, connection: Connection, refusal: Refusal) -> None:
        if connection.streaming:
            connection.writer.transport.abort()  # the answer had begun: only its missing end can say it
            return
        await connection.answer(refusal.status, refusal.as_json())

    def _check_caller(self, request: Request) -> None:
        if "origin" in request.headers:
            raise Refusal("forbidden", "web pages may not call the runner (the request has an Origin header)")
        if self._loopback and not LOOPBACK_HOST.fullmatch(request.headers.get("host", "")):
            names = "127.0.0.1, localhost or [::1]"
            raise Refusal("forbidden", f"Host must be {names}, with or without the port")
        given = request.headers.get("authorization", "").encode("latin-1")
        if not hmac.compare_digest(given, f"Bearer {self._token}".encode()):
            raise Refusal(
                "unauthorized",
                "send the header `Authorization: Bearer <RUNNER_TOKEN>` with the runner's token",
            )

    async def _route(self, request: Request) -> None:
        match request.path.split("/"):
            case ["", "w", name]:
                allow(request, "DELETE")
                if request.query not in ({}, {"everything": "true"}):
                    raise Refusal("bad_request", "the only query is ?everything=true")
                empty = wipe if request.query else reset
                workspace = self._workspace(name)
                gone = await empty(workspace, self.runs, self.installs, self.starts)
                self._unfetched.changed(workspace)
                self.commons.empty()
                await request.connection.answer(200, gone)
            case ["", "w", name, "health"]:
                allow(request, "GET")
                await self._health(request, self._workspace(name))
            case ["", "w", name, "runs"]:
                allow(request, "POST")
                await self._start_run(request, self._workspace(name))
            case ["", "w", name, "runs", run_id, "events"]:
                allow(request, "GET")
                await self._programs.events(request, self._workspace(name), run_id)
            case ["", "w", name, "runs", run_id]:
                allow(request, "DELETE")
                was = await self.runs.cancel(self._workspace(name), run_id)
                await request.connection.answer(200, {"id": run_id, "was": was})
            case ["", "w", name, "check"]:
                allow(request, "POST")
                await self._programs.check(request, self._workspace(name))
            case ["", "w", name, "packages"]:
                allow(request, "GET", "POST")
                if request.method == "GET":
                    await request.connection.answer(200, list_packages(self._workspace(name)))
                else:
                    await install(request, self._workspace(name), self.installs, self._take_new)
            case ["", "w", name, "packages", package]:
                allow(request, "DELETE")
                workspace = self._workspace(name)
                self._take_new()
                removed = await remove_package(workspace, package, self.runs, self.installs, self.starts)
                self._unfetched.changed(workspace)
                await request.connection.answer(200, {"removed": removed})
            case ["", "w", name, "archives", part] if part in archives.PARTS:
                allow(request, "GET", "PUT")
                await self._archive(request, self._workspace(name), part)
            case ["", "w", name, "files"]:
                allow(request, "GET")
                workspace = self._workspace(name)
                if request.query:
                    await files.send_several(request, self._workspace(name))
                    return
                now, space = self.runs.files(workspace), self.runs.space(workspace)
                listed = await files.list_files(workspace, now, space, self._uploads)
                await request.connection.answer(200, listed)
            case ["", "w", name, "files", *segments]:
                allow(request, "GET", "PUT", "DELETE")
                await self._file(request, self._workspace(name), files.path_of(segments))
            case _:
                raise Refusal("not_found", "there is nothing at this path; see container/PROTOCOL.md")

    def _workspace(self, name: str) -> Workspace:
        return open_workspace(self._root, name, self._files, self._owner)

    async def _health(self, request: Request, workspace: Workspace) -> None:
        await request.connection.answer(
            200,
            {
                "ok": True,
                "version": VERSION,
                "python": platform.python_version(),
                "pip": inventory.base_distributions().get("pip"),
                "uv": inventory.uv_version(),
                "os": inventory.os_name(),
                "platform": sys.platform,
                "workspace": str(workspace.files),
                "packages": inventory.listed(generations.current(workspace)),
                "limits": {"timeout_s": int(limits.TIMEOUT_S), **limits.Limits().as_json()},
                "use": (await self.runs.space(workspace).use()).as_json(),
                "isolation": self.starts.isolation(self._owner is not None),
                "start": self.starts.health(workspace),
                "live_runs": self.runs.live,
                "live_installs": self.installs.live,
                "leaving": self._leaving,
                "package_hosts": self._package_hosts,
                "files_given": not workspace.owns_files,
                "user_home": None if self._owner else str(Path.home()),
                "commands": inventory.commands(),
                "browser": inventory.browser(workspace.home),
            },
        )

    def _take_new(self) -> None:
        if self._leaving:
            raise Refusal("leaving", "the runner is leaving; nothing was done, send the request to the next one")

    async def _file(self, request: Request, workspace: Workspace, path: str) -> None:
        if "upload" in request.query:
            await self._uploads.serve(request, workspace, path, self.runs.space(workspace))
            return
        if request.method == "GET" and request.query:
            size = fields.query_number(request.query, "picture_bytes", limits.PICTURE_BYTES_RANGE)
            await self._pictures.send(request, workspace, path, size)
            return
        if request.method == "GET":
            await files.send_file(request, workspace, path)
            return
        space = self.runs.space(workspace)
        if request.method == "PUT":
            bounds, default = limits.LIMIT_RANGES["workspace_bytes"], limits.Limits().workspace_bytes
            quota = fields.query_number(request.query, "workspace_bytes", bounds, default)
            status = await files.receive_file(request, workspace, path, space, quota)
            answer: dict[str, int] = {}
        elif request.query == {"folder": "true"}:
            count = await files.delete_folder(workspace, path)
            status, answer = 200, {"files": count}
        else:
            folders.delete(workspace.files, path)
            status, answer = 200, {}
        space.changed()
        self._unfetched.changed(workspace)
        await request.connection.answer(status, {"path": path, **answer})

    async def _archive(self, request: Request, workspace: Workspace, part: str) -> None:
        if request.method == "GET":
            changes = self._unfetched.changes(workspace)
            # The client certainly has a part that it names itself, or that is empty.
            if await archives.send(request, workspace, part, self.installs):
                self._unfetched.fetched(workspace, part, changes)
            return
        await archives.receive(request, workspace, part, self.runs, self.installs)
        self.starts.packages_changed(workspace)
        await request.connection.answer(200, {"part": part})

    async def _start_run(self, request: Request, workspace: Workspace) -> None:
        wanted = fields.run_request(await request.json())
        self._take_new()
        await self._programs.start(request, wanted, workspace)


def allow(request: Request, *methods: str) -> None:
    if request.method not in methods:
        raise Refusal("method_not_allowed", f"use {' or '.join(methods)} here")
