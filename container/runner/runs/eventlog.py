"""The events of one run, on disk: a reader is a cursor over the file, so a slow one costs no memory."""

from __future__ import annotations

import bisect
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from runner.bounds import limits

TIMED = ("started", "stdout", "stderr")  # events that say when they were
INDEX_BYTES = 64 * limits.KIB  # one entry of the index for about so much of the log


class EventLog:
    """Numbered NDJSON lines. The file has no name: nobody can change it, and it goes with the runner."""

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115  it stays open
        self._index_n = [1]
        self._index_offset = [0]
        self._rest = b""  # events after the disk was full: the last ones must still be readable
        self._file_size = 0
        self.last_n = 0
        self.ended = False
        self._disk_error: OSError | None = None
        self.lost_to: OSError | None = None  # the reason why events are missing, if any are
        self.wakers: set[Callable[[], None]] = set()

    @property
    def size(self) -> int:
        return self._file_size + len(self._rest)

    def append(self, event: dict[str, Any]) -> None:
        """Numbers an event and stores it. Once the disk is full, memory takes 64 KiB more, and `exit`."""
        line = self._line(event)
        if self._disk_error is None:
            self._write(line)
        elif len(self._rest) + len(line) <= limits.TAIL_BYTES or event["type"] == "exit":
            self._rest += line
        else:
            self.lost_to = self._disk_error
            return
        self.last_n += 1
        if self.size - self._index_offset[-1] >= INDEX_BYTES:
            self._index_n.append(self.last_n + 1)
            self._index_offset.append(self.size)
        self.wake()

    def end(self) -> None:
        self.ended = True
        self.wake()

    def wake(self) -> None:
        for waker in tuple(self.wakers):
            waker()

    def offset_after(self, n: int) -> int:
        """Offset of the event after number `n` (the end, when there is none yet)."""
        place = bisect.bisect_right(self._index_n, n + 1) - 1
        current, offset = self._index_n[place], self._index_offset[place]
        while current <= n and offset < self.size:
            data = self.read(offset)
            start = 0
            while current <= n and (newline := data.find(b"\n", start)) >= 0:
                start = newline + 1
                current += 1
            offset += start if current > n else len(data)
        return offset

    def read(self, offset: int) -> bytes:
        """At most 256 KiB from `offset`; empty at the end."""
        if offset >= self._file_size:
            return self._rest[offset - self._file_size :]
        return os.pread(self._file.fileno(), min(limits.READ_BYTES, self._file_size - offset), offset)

    def close(self) -> None:
        self._file.close()

    def _line(self, event: dict[str, Any]) -> bytes:
        numbered: dict[str, Any] = {"n": self.last_n + 1}
        if event["type"] in TIMED:
            numbered["at"] = time.time_ns() // 1_000_000
        text = json.dumps({**numbered, **event}, ensure_ascii=False)
        return text.encode("utf-8", "replace") + b"\n"

    def _write(self, line: bytes) -> None:
        written = 0
        try:
            while written < len(line):
                written += os.write(self._file.fileno(), line[written:])
            self._file_size += len(line)
        except OSError as error:
            self._disk_error = error
            self._rest = line  # the whole line: its first part in the file lies beyond _file_size, never read
