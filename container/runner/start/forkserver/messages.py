"""Length-prefixed JSON messages with descriptors over unix stream sockets (macOS has no SOCK_SEQPACKET for
them)."""

from __future__ import annotations

import json
import socket
import struct
from typing import Any

LENGTH = struct.Struct("!I")
MOST_DESCRIPTORS = 8
READ_BYTES = 1 << 20


def send_message(to: socket.socket, message: dict[str, Any], descriptors: list[int] | None = None) -> None:
    send_bytes(to, json.dumps(message).encode(), descriptors)


def send_bytes(to: socket.socket, data: bytes, descriptors: list[int] | None = None) -> None:
    """Sends a message that is JSON already. Descriptors travel with the first byte."""
    head = LENGTH.pack(len(data))
    sent = socket.send_fds(to, [head + data], descriptors) if descriptors else to.send(head + data)
    if sent < len(head) + len(data):
        to.sendall((head + data)[sent:])


def receive_message(source: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """The next message with its descriptors, or None at the end."""
    received = receive_bytes(source)
    return received and (json.loads(received[0]), received[1])


def receive_bytes(source: socket.socket) -> tuple[bytes, list[int]] | None:
    """The same for who hands it on as it is."""
    try:
        head, descriptors, _, _ = socket.recv_fds(source, LENGTH.size, MOST_DESCRIPTORS)
    except ConnectionResetError:
        return None  # closed with something of ours unread
    if not head:
        return None
    head += _exactly(source, LENGTH.size - len(head))
    return _exactly(source, LENGTH.unpack(head)[0]), descriptors


def _exactly(source: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = source.recv(min(size - len(data), READ_BYTES))
        if not piece:
            raise ConnectionResetError("the other end closed within a message")
        data += piece
    return data
