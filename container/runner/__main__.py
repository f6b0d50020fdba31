"""`python -m runner`: arguments, the port, signals. The top must parse on every Python 3 that may be found
first."""

import sys

if sys.version_info < (3, 10):  # noqa: UP036  this file is all that an older one reads
    sys.exit(
        "runner: this is Python {}.{}; it needs 3.10 or newer. Start it with another one, such as python3.12.".format(
            *sys.version_info[:2]
        )
    )
if sys.platform == "win32":
    sys.exit("runner: Windows is not supported. Start it inside WSL (https://learn.microsoft.com/windows/wsl).")

import argparse
import asyncio
import json
import os
import resource
import signal
import socket
from pathlib import Path

from .bounds import limits
from .packages.check.checkers import Checkers
from .server import Server
from .start.forkserver import isolation
from .start.ways import Starts
from .workspace.commons import replaceable

TOKEN_VARIABLE = "RUNNER_TOKEN"
TOKEN_CHARS = 16
LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "::1")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="runner", description="Executes Python programs over HTTP (see PROTOCOL.md).")
    parser.add_argument("--port", type=int, required=True, help="0 picks a free one")
    parser.add_argument("--root", type=Path, required=True, help="holds one folder for each workspace")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--files", type=Path, help="the working folder of every workspace's programs")
    parser.add_argument("--start", choices=("auto", "plain", "fork"), default="auto")
    parser.add_argument("--run-as", type=_uid_and_gid, metavar="UID:GID", help="the programs' user (needs root)")
    parser.add_argument(
        "--idle-s",
        type=float,
        default=limits.FULL_SERVER_IDLE_S,
        metavar="S",
        help="end a fork server with loaded libraries that was not used for so long",
    )
    parser.add_argument(
        "--tmp-hours",
        type=float,
        default=limits.UNUSED_H,
        metavar="N",
        help="remove temporary files that no program has used for so long",
    )
    parser.add_argument(
        "--package-hosts", type=Path, metavar="FILE", help="where packages come from, a host a line; told by /health"
    )
    parser.add_argument(
        "--also-at",
        action="append",
        default=[],
        metavar="PATH",
        help="programs find their working folder there, too, where that can be made",
    )
    parser.add_argument("--exit-with-stdin", action="store_true", help="end when standard input does")
    parser.add_argument(
        "--leave-s",
        type=float,
        default=0,
        metavar="S",
        help="on SIGTERM let what lives go on for so long, taking nothing new",
    )
    arguments = parser.parse_args()
    if arguments.run_as and os.geteuid() != 0:
        parser.error("--run-as needs root; leave it out to run programs as the runner's own user")
    return arguments


def _uid_and_gid(text: str) -> tuple[int, int]:
    uid, _, gid = text.partition(":")
    if not (uid.isdigit() and gid.isdigit()):
        raise argparse.ArgumentTypeError("it must be two numbers, as in 1000:1000")
    return int(uid), int(gid)


async def serve(arguments: argparse.Namespace, token: str, checkers: Checkers) -> None:
    root = _folder(arguments.root)
    shared_files = _folder(arguments.files) if arguments.files else None
    needed = [root, shared_files or root, Path(sys.prefix), Path(sys.base_prefix), Path(__file__)]
    starts = Starts(arguments.start, root, replaceable(needed), arguments.idle_s, arguments.also_at)
    is_local, unused_s = arguments.host in LOOPBACK_HOSTS, arguments.tmp_hours * 3600
    # Read once, before any program could have changed it.
    hosts: list[str] = arguments.package_hosts.read_text().split() if arguments.package_hosts else []
    server = Server(token, root, shared_files, arguments.run_as, is_local, starts, unused_s, hosts, checkers)
    server.tidy()
    listening = await asyncio.start_server(server.serve, arguments.host, arguments.port, limit=limits.HEAD_BYTES)
    name, port = listening.sockets[0].getsockname()[:2]
    print(json.dumps({"event": "listening", "host": name, "port": port, "pid": os.getpid()}), flush=True)
    leftovers = asyncio.ensure_future(server.remove_leftovers())
    await _time_to_end(server, arguments.exit_with_stdin, arguments.leave_s)
    listening.close()
    await server.end()
    await starts.close()
    checkers.close()
    await leftovers


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path.resolve()


async def _time_to_end(server: Server, with_stdin: bool, leave_s: float) -> None:
    end, told = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, end.set)
    loop.add_signal_handler(signal.SIGTERM, told.set if leave_s else end.set)
    if with_stdin:
        reader = asyncio.StreamReader()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        waiting = asyncio.ensure_future(_read_to_end(reader))
        waiting.add_done_callback(lambda _: end.set())

    async def leave() -> None:
        await told.wait()
        await server.leave(leave_s)

    tasks = [asyncio.ensure_future(end.wait()), asyncio.ensure_future(leave())]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()


async def _read_to_end(reader: asyncio.StreamReader) -> None:
    while await reader.read(4096):
        continue


def main() -> None:
    arguments = parse_arguments()
    token = isolation.erase_variable(TOKEN_VARIABLE) or ""
    if len(token) < TOKEN_CHARS:
        sys.exit(f"runner: {TOKEN_VARIABLE} must be set to a secret of at least {TOKEN_CHARS} characters")
    isolation.hide_memory()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard if hard != resource.RLIM_INFINITY else max(soft, 65536), hard))
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    socket.setdefaulttimeout(None)
    # Forked before there is a connection, a thread or much memory.
    asyncio.run(serve(arguments, token, Checkers()))


if __name__ == "__main__":
    main()
