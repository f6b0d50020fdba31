"""POST /check and POST /runs: a program is read, or started, or both; and the events of its run."""

from __future__ import annotations

from typing import Any

from runner.bounds.refusal import Refusal
from runner.http1 import Request
from runner.packages import generations
from runner.packages.check.checkers import Checkers
from runner.packages.check.imports import lacks_nothing
from runner.runs.registry import Runs
from runner.runs.request import RunRequest
from runner.runs.run import Run
from runner.start.ways import Starts
from runner.workspace.folders import Workspace

from . import fields


class OnlyRead(Exception):
    """A program lacks something, so it is not started."""


class Programs:
    """What is asked about programs and their runs."""

    def __init__(self, runs: Runs, starts: Starts, checkers: Checkers) -> None:
        self._runs = runs
        self._starts = starts
        self._checkers = checkers

    async def check(self, request: Request, workspace: Workspace) -> None:
        body = await request.json()
        fields.only_known(body, ("code", "paths"))
        answer = await self._read(fields.code(body), fields.strings(body, "paths"), workspace)
        await request.connection.answer(200, answer)

    async def start(self, request: Request, wanted: RunRequest, workspace: Workspace) -> None:
        checked: dict[str, Any] | None = None

        async def read() -> None:
            nonlocal checked
            if wanted.check:
                answer = await self._read(wanted.code, list(wanted.files), workspace)
                checked = {"type": "checked", "starts": lacks_nothing(answer), "check": answer}
                if not checked["starts"]:
                    raise OnlyRead

        run: Run | None = None
        try:
            run = await self._runs.start(wanted, workspace, request.connection.has_left, read)
        except OnlyRead:
            pass  # what it lacks is for the client to decide
        await self._stream(request, run, 0, checked)

    async def events(self, request: Request, workspace: Workspace, run_id: str) -> None:
        after = request.query.get("after", "0")
        if set(request.query) - {"after"} or not (after.isascii() and after.isdigit() and len(after) < 16):
            raise Refusal("bad_request", "the only query is ?after=n, with n a whole number")
        await self._stream(request, self._runs.get(workspace, run_id), int(after))

    async def _read(self, code: str, paths: list[str], workspace: Workspace) -> dict[str, Any]:
        self._starts.warm_up(workspace, code)
        aliases = self._starts.aliases(workspace)
        return await self._checkers.check(code, paths, workspace, generations.current(workspace), aliases)

    async def _stream(
        self, request: Request, run: Run | None, after: int, checked: dict[str, Any] | None = None
    ) -> None:
        stream = request.connection.lines()
        try:
            if checked:
                await stream.event(checked)
            if run:
                await self._runs.follow(run, after, stream)
            else:
                await stream.end()
        finally:
            stream.close()
