"""The runner's side of the fork servers: starts them, sends them runs, restarts and replaces them."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from runner.bounds import limits
from runner.start.forkserver.messages import receive_message, send_message

from . import environment

CONTAINER_FOLDER = Path(__file__).parents[2]
RESTART_S = (0.05, 5.0)  # the first wait, and the longest, before a fork server that died is started again
SEND_TIMEOUT_S = 2.0
CLOSE_STEP_S, CLOSE_STEPS = 0.01, 30


class ForkServer:
    """A fork server process. `ready` is its first message; it is None until then. `name` is for who looks at the
    machine's processes."""

    def __init__(
        self, name: str, home: Path | None, preload: Sequence[str], packages: Path | None, isolation: dict[str, Any]
    ) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "runner.start.forkserver", str(theirs.fileno()), name],
                cwd=CONTAINER_FOLDER,
                env=environment.for_fork_server(home),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        settings = {"preload": preload, "packages": str(packages) if packages else None, **isolation}
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(settings).encode() + b"\n")
        self._process.stdin.close()
        self.ready: dict[str, Any] | None = None
        self.closed = False
        self.changed = asyncio.Event()
        self._socket = ours
        ours.setblocking(False)
        asyncio.get_running_loop().add_reader(ours.fileno(), self._readable)

    @property
    def pid(self) -> int:
        return self._process.pid

    def _readable(self) -> None:
        # Its one message says that it is ready; then only its end is to be noticed.
        self._socket.setblocking(True)
        try:
            message = receive_message(self._socket)
        except ConnectionError:
            message = None
        if message is None:
            self.close()
        else:
            self.ready = message[0]
            self._socket.settimeout(SEND_TIMEOUT_S)
        self.changed.set()

    def send(self, job: dict[str, Any], descriptors: list[int]) -> None:
        """Asks for one run; OSError when the server is dead or stuck."""
        try:
            send_message(self._socket, job, descriptors)
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        """Takes no new runs; the process ends with its last one."""
        if not self.closed:
            self.closed = True
            asyncio.get_running_loop().remove_reader(self._socket.fileno())
            self._socket.close()
            self.changed.set()
            self._reap()

    def _reap(self) -> None:
        """The process ends with its last program, and is looked at until then: otherwise it would stay a zombie."""
        if not self.reaped():
            asyncio.get_running_loop().call_later(limits.REAP_S, self._reap)

    def kill(self) -> None:
        """Ends the process at once; programs that it has started go on."""
        self._process.kill()
        self.close()

    def reaped(self) -> bool:
        return self._process.poll() is not None


class KeptServer:
    """A fork server without packages that is always there: started again whenever it dies. `settings` is asked at each
    start."""

    def __init__(self, name: str, preload: Sequence[str], settings: Callable[[], Awaitable[dict[str, Any]]]) -> None:
        self._name = name
        self._preload = preload
        self._settings = settings
        self._server: ForkServer | None = None
        self._task = asyncio.ensure_future(self._keep())
        self._ready = asyncio.Event()
        self.isolation: dict[str, Any] = {"namespace": None, "reason": "not tried yet"}

    async def _keep(self) -> None:
        wait = RESTART_S[0]
        while True:
            self._server = server = ForkServer(self._name, None, self._preload, None, await self._settings())
            while not server.closed:
                await server.changed.wait()
                server.changed.clear()
                if server.ready and not server.closed:
                    self._note_isolation(server.ready.get("isolation", self.isolation))
                    self._ready.set()
                    wait = RESTART_S[0]
            self._ready.clear()
            print(f"runner: the fork server ended; another starts in {wait:g} s", file=sys.stderr)
            await asyncio.sleep(wait)
            wait = min(wait * 2, RESTART_S[1])

    def _note_isolation(self, isolation: dict[str, Any]) -> None:
        if isolation["namespace"] is None and isolation != self.isolation:
            print(
                f"runner: programs get no namespaces of their own ({isolation['reason']}): they see this"
                " machine's processes and temporary folders, and are ended by process group and parentage",
                file=sys.stderr,
            )
        self.isolation = isolation

    @property
    def is_ready(self) -> bool:
        return self._ready.is_set()

    async def ready(self) -> None:
        """Waits until the server is ready, however long."""
        await self._ready.wait()

    @property
    def now(self) -> ForkServer | None:
        """The server, if it is ready."""
        return self._server if self.is_ready else None

    async def get(self) -> ForkServer:
        """The server, once it is ready; TimeoutError when it does not come."""
        await asyncio.wait_for(self.ready(), limits.START_TIMEOUT_S)
        assert self._server is not None
        return self._server

    async def close(self) -> None:
        """Ends the server; waits a moment for it, so that it does not outlive the runner."""
        self._task.cancel()
        if self._server:
            self._server.close()
            for _ in range(CLOSE_STEPS):
                if self._server.reaped():
                    break
                await asyncio.sleep(CLOSE_STEP_S)
