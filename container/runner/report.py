"""What ended a run, in words: limits, signals, and the program's own report, which is checked before it is
believed."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING, Any

from . import limits

if TYPE_CHECKING:
    from .run import RunRequest

TYPE_CHARS, MESSAGE_CHARS, FRAME_CHARS, MODULE_CHARS = 200, 2000, 4000, 200
LAST_LINE = 10_000_000


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
        used = limits.words(chosen.memory_bytes)
        return _named("MemoryLimit", f"the program used more than {used} of memory and was stopped")
    if reason == "processes":
        return _named(
            "ProcessLimit", f"the program had more than {chosen.processes} processes and was stopped"
        )
    if reason == "threads":
        most = chosen.processes * limits.THREADS_PER_PROCESS_LIMIT
        return _named("ProcessLimit", f"the program had more than {most} threads and was stopped")
    if reason == "cancelled":
        return None
    if result["signal"]:
        return _named("Signal", _signal_words(result["signal"]))
    return parse_report(report)


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


def _text(value: object, most: int) -> bool:
    return isinstance(value, str) and len(value) <= most
