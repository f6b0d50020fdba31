"""What ended a run, in words: limits, signals, and the program's own report, which is checked before it is
believed."""

from __future__ import annotations

import errno
import json
import signal
from typing import TYPE_CHECKING, Any

from . import limits
from .commons import SHARED_MEMORY

if TYPE_CHECKING:
    from .run import RunRequest

TYPE_CHARS, MESSAGE_CHARS, FRAME_CHARS, MODULE_CHARS = 200, 2000, 4000, 200
LAST_LINE = 10_000_000
NO_SPACE = f"[Errno {errno.ENOSPC}]"


def error_of(
    result: dict[str, Any], request: RunRequest, report: bytes, disk_error: OSError | None
) -> dict | None:
    """The `error` of an exit event, or None when nothing is known about the cause."""
    reason = result["reason"]
    chosen = request.limits
    if disk_error is not None:
        return _named(
            "DiskFull",
            f"the program's output could not be stored ({disk_error.strerror}), so it was stopped",
        )
    if reason == "timeout":
        return _named("Timeout", f"the program ran longer than {request.timeout_s:g} s and was stopped")
    if reason == "memory":
        return _named("MemoryLimit", f"the program {beyond_memory(result, chosen)}")
    if reason == "processes":
        return _named(
            "ProcessLimit", f"the program had more than {chosen.processes} processes and was stopped"
        )
    if reason == "threads":
        most = chosen.processes * limits.THREADS_PER_PROCESS_LIMIT
        return _named("ProcessLimit", f"the program had more than {most} threads and was stopped")
    if reason == "cancelled":
        return None
    full = result["full_memory_bytes"]
    if result["signal"]:
        words = _signal_words(result["signal"])
        return _named("Signal", words + _full_words(full) if result["signal"] == signal.SIGBUS else words)
    own = parse_report(report)
    if own and own["type"] == "OSError" and own["message"].startswith(NO_SPACE):
        return {**own, "message": (own["message"] + _full_words(full))[:MESSAGE_CHARS]}
    return own


def beyond_memory(result: dict[str, Any], chosen: limits.Limits) -> str:
    """`used more than 2 GiB of memory and was stopped`, with what files in /dev/shm had of it, when that is much."""
    words, shared = f"used more than {limits.words(chosen.memory_bytes)} of memory", result["shared_bytes"]
    if shared < limits.SHARED_SAID * chosen.memory_bytes:
        return f"{words} and was stopped"
    return f"{words}, {limits.words(shared)} of it in {SHARED_MEMORY}, and was stopped"


def parse_report(data: bytes) -> dict[str, Any] | None:
    """The child's report when it is what ours would be; a program may have written anything."""
    if not data or len(data) > limits.REPORT_BYTES:
        return None
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return None  # not ours, or cut: the exit code stands without it
    if not isinstance(value, dict) or set(value) - {"type", "message", "line", "frame", "module"}:
        return None
    kind, message, line, frame = (value.get(name) for name in ("type", "message", "line", "frame"))
    module = value.get("module")
    fits = (
        _text(kind, TYPE_CHARS)
        and kind
        and _text(message, MESSAGE_CHARS)
        and (line is None or type(line) is int and 1 <= line <= LAST_LINE)
        and (frame is None or _text(frame, FRAME_CHARS))
        and (module is None or _text(module, MODULE_CHARS))
    )
    if not fits:
        return None
    error = {"type": kind, "message": message, "line": line, "frame": frame}
    return {**error, "module": module} if module else error


def _named(kind: str, message: str) -> dict[str, Any]:
    return {"type": kind, "message": message, "line": None, "frame": None}


def _signal_words(number: int) -> str:
    name = signal.strsignal(number) or f"signal {number}"
    if number == signal.SIGKILL:
        return f"{name}: the program was killed, by itself or because the machine ran out of memory"
    return name


def _full_words(size: int | None) -> str:
    return f" ({SHARED_MEMORY} is full: it has room for {limits.words(size)})" if size else ""


def _text(value: object, most: int) -> bool:
    return isinstance(value, str) and len(value) <= most
