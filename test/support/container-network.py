"""`container-network.py FOLDER PORT INTERNET COMMAND…`, in network and mount namespaces of its own: runs the command with a network that has
no other way out than FOLDER/egress.sock. Every address there is local. What is sent to ports 80 and 443 of any (with INTERNET=1 to 7777 as
well) goes to that socket behind a line of JSON with the address and port; other ports refuse. Any name has an address. FOLDER/port.sock
leads to PORT."""

import asyncio
import ctypes
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

ADDRESSES = {"metadata.google.internal": "169.254.169.254", "rebound.test": "10.9.8.7"}
ANY_NAME = "203.0.113.7"
PR_SET_PDEATHSIG = 1


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.write_eof()
    except OSError:
        writer.close()


async def join(reader, writer, other_reader, other_writer) -> None:
    await asyncio.gather(pump(reader, other_writer), pump(other_reader, writer))
    writer.close()
    other_writer.close()


class Names(asyncio.DatagramProtocol):
    """Answers A with an address, anything else with nothing."""

    def connection_made(self, transport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, source) -> None:
        labels, at = [], 12
        while data[at]:
            labels.append(data[at + 1 : at + 1 + data[at]].decode())
            at += 1 + data[at]
        question = data[12 : at + 5]
        name = ".".join(labels).lower()
        address = name if re.fullmatch(r"[0-9.]+", name) else ADDRESSES.get(name, ANY_NAME)
        answers = 1 if question[-4:-2] == b"\0\1" else 0
        record = b"\xc0\x0c\0\1\0\1\0\0\0\0\0\4" + bytes(map(int, address.split(".")))
        head = data[:2] + b"\x81\x80\0\1" + bytes([0, answers]) + b"\0\0\0\0"
        self.transport.sendto(head + question + record * answers, source)


async def serve(folder: Path, port: int, ports: list[int], ready: int) -> None:
    async def out(reader, writer) -> None:
        address, number = writer.get_extra_info("sockname")[:2]
        try:
            other = await asyncio.open_unix_connection(folder / "egress.sock")
        except OSError:
            writer.close()
            return
        other[1].write(json.dumps({"address": address, "port": number}).encode() + b"\n")
        await join(reader, writer, *other)

    async def into(reader, writer) -> None:
        try:
            await join(reader, writer, *await asyncio.open_connection("127.0.0.1", port))
        except OSError:
            writer.transport.abort()

    for each in ports:
        for host in ("0.0.0.0", "::"):
            await asyncio.start_server(out, host, each)
    await asyncio.start_unix_server(into, folder / "port.sock")
    await asyncio.get_running_loop().create_datagram_endpoint(Names, local_addr=("127.0.0.1", 53))
    os.close(ready)
    await asyncio.Event().wait()


def main() -> None:
    folder, port, internet, command = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "1", sys.argv[4:]
    for step in ("link set lo up", "route add local 0.0.0.0/0 dev lo", "-6 route add local ::/0 dev lo"):
        subprocess.run(["ip", *step.split()], check=True)
    resolver = folder / "resolv.conf"
    resolver.write_text("nameserver 127.0.0.1\n")
    subprocess.run(["mount", "--bind", resolver, "/etc/resolv.conf"], check=True)
    read, ready = os.pipe()
    if os.fork() == 0:
        os.close(read)
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        asyncio.run(serve(folder, port, [80, 443, *([7777] if internet else [])], ready))
    os.close(ready)
    os.read(read, 1)
    os.execvp(command[0], command)


main()
