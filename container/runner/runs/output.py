"""A run's stdout and stderr: from raw bytes to batched text, within the output limit, with the tail of the dropped
part."""

from __future__ import annotations

import asyncio
import codecs
import os
from collections.abc import Callable
from time import monotonic
from typing import Any

from runner.bounds import limits


class Output:
    """Both streams of a run; they share one limit."""

    def __init__(self, limit: int, emit: Callable[[dict[str, Any]], None]) -> None:
        self.left = limit
        self.emit = emit
        self.streams: dict[str, OutputStream] = {}

    def open(self, name: str, fd: int) -> None:
        self.streams[name] = OutputStream(self, name, fd)

    def start(self) -> None:
        for stream in self.streams.values():
            stream.watch()

    def catch_up(self) -> None:
        """Takes the bytes that have been written so far."""
        for stream in self.streams.values():
            stream.catch_up()

    def finish(self) -> None:
        """Takes the bytes that are left in the pipes, when every process is dead, and emits the kept tails."""
        for stream in self.streams.values():
            stream.finish()
        for stream in self.streams.values():
            stream.emit_tail()

    def close(self) -> None:
        for stream in self.streams.values():
            stream.close()

    def counts(self) -> dict[str, int]:
        return {name: stream.count for name, stream in self.streams.items()}

    @property
    def cut(self) -> bool:
        return any(stream.skipped for stream in self.streams.values())


class OutputStream:
    """One pipe. Text is sent soon after the first bytes of a quiet program; a busy pipe is read every 5 ms only,
    and a flooding one when it is about half full."""

    def __init__(self, output: Output, name: str, fd: int) -> None:
        self.output = output
        self.name = name
        self.fd = fd
        self.count = 0  # raw bytes that came
        self.skipped = 0
        self._passed = 0  # raw bytes within the limit
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._batch: list[str] = []
        self._batch_chars = 0
        self._taken_at = 0.0
        self._rest_s = limits.BATCH_S
        self._timer: asyncio.TimerHandle | None = None
        self._tail = bytearray()
        self._loop = asyncio.get_running_loop()
        os.set_blocking(fd, False)

    def watch(self) -> None:
        self._timer = None
        if self.fd >= 0:
            self._loop.add_reader(self.fd, self._readable)

    def _readable(self) -> None:
        size = self._read()
        if self.fd < 0:
            self._flush()
            return
        now = monotonic()
        if size >= limits.BATCH_BYTES:
            self._flush()  # a full pipe: it is read again at once
        elif now - self._taken_at < self._rest_s:
            # A pause in reading lets the program write without waking this process for each line.
            self._pause(self._taken_at + self._rest_s - now)
        elif self._batch and self._batch[-1].endswith("\n"):
            self._flush()
        elif self._timer is None:
            self._timer = self._loop.call_later(limits.QUIET_S, self._quiet)

    def _quiet(self) -> None:
        self._timer = None
        self._read()
        self._flush()

    def catch_up(self) -> None:
        self._read()
        self._flush()

    def _pause(self, seconds: float) -> None:
        self._loop.remove_reader(self.fd)
        if self._timer:
            self._timer.cancel()
        self._timer = self._loop.call_later(seconds, self._resume)

    def _resume(self) -> None:
        self._timer = None
        size = self._read()
        self._rest_s = _rest(size, monotonic() - self._taken_at)
        self._flush()
        if self.fd >= 0:
            self._loop.add_reader(self.fd, self._readable)

    def _read(self) -> int:
        try:
            data = os.read(self.fd, limits.READ_BYTES) if self.fd >= 0 else b""
        except BlockingIOError:
            return 0
        if data:
            self._take(data)
        else:
            self.close()
        return len(data)

    def _take(self, data: bytes) -> None:
        self.count += len(data)
        room = self.output.left
        self.output.left -= min(room, len(data))
        if len(data) > room or self._tail:
            self._take_beyond(data, room)
        else:
            self._passed += len(data)
            self._add(self._decoder.decode(data))

    def _take_beyond(self, data: bytes, room: int) -> None:
        if not self._tail:
            self._add(self._decoder.decode(data[:room]))
            torn = self._decoder.getstate()[0]  # a character that begins within the limit and ends beyond it
            self._decoder.reset()
            self._passed += room - len(torn)
            data = torn + data[room:]
        self._tail += data
        if len(self._tail) > 2 * limits.TAIL_BYTES:
            del self._tail[: -limits.TAIL_BYTES]

    def _add(self, text: str) -> None:
        if text:
            self._batch.append(text)
            self._batch_chars += len(text)

    def _flush(self) -> None:
        self._taken_at = monotonic()
        if not self._batch:
            return  # bytes beyond the limit are taken as seldom
        text = "".join(self._batch)
        self._batch.clear()
        for start in range(0, len(text), limits.BATCH_BYTES):
            self.output.emit({"type": self.name, "text": text[start : start + limits.BATCH_BYTES]})

    def finish(self) -> None:
        while self._read():
            continue
        self.close()
        if not self._tail:
            self._add(self._decoder.decode(b"", final=True))
        self._flush()

    def emit_tail(self) -> None:
        if not self._tail:
            return
        tail = bytes(self._tail[-limits.TAIL_BYTES :])
        if self._passed + len(tail) < self.count:
            # The tail may begin within a character; its rest belongs to the missing part.
            begin = next((i for i, byte in enumerate(tail[:4]) if byte & 0xC0 != 0x80), 0)
            tail = tail[begin:]
        self.skipped = self.count - self._passed - len(tail)
        event: dict[str, Any] = {"type": self.name, "text": tail.decode("utf-8", "replace")}
        self.output.emit({**event, "skipped": self.skipped} if self.skipped else event)

    def close(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if self.fd >= 0:
            self._loop.remove_reader(self.fd)
            os.close(self.fd)
            self.fd = -1


def _rest(size: int, seconds: float) -> float:
    """Returns for how long a pipe is left alone that got so many bytes in so many seconds. Nobody who reads a flood can
    tell 5 ms from 20; a program whose pipe is full stands still."""
    if size < limits.FLOOD_BYTES:
        return limits.BATCH_S
    shortest, longest = limits.FLOOD_RANGE_S
    if size >= limits.READ_BYTES:
        return shortest  # there may be more than was read
    return min(max(shortest, seconds * limits.PIPE_BYTES / 2 / size), longest)
