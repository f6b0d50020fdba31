"""The end of a run in words: limits, signals, and the program's own report, which is checked before it is believed."""

from __future__ import annotations

import errno
import json
import re
import signal
from typing import TYPE_CHECKING, Any, cast

from runner.bounds import limits, threads
from runner.workspace.shared_memory import SHARED_MEMORY, size_if_full

if TYPE_CHECKING:
    from pathlib import Path

    from .request import RunRequest

TYPE_CHARS, MESSAGE_CHARS, FRAME_CHARS, MODULE_CHARS = 200, 2000, 4000, 200
LAST_LINE = 10_000_000
FACTS, FACT_CHARS, FACT_NAME = 12, 3000, re.compile(r"[a-z_]{1,30}")
FACT_ITEMS, FACT_ITEM_CHARS, FACT_NUMBER = 12, 120, 10**12
NO_SPACE = f"[Errno {errno.ENOSPC}]"


def error_of(
    result: dict[str, Any],
    request: RunRequest,
    report: bytes,
    disk_error: OSError | None,
    folders: list[Path],
) -> dict[str, Any] | None:
    """The `error` of an exit event, or None when the cause is unknown. `folders`: where programs write."""
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
        return _named("ProcessLimit", f"the program had more than {chosen.processes} processes and was stopped")
    if reason == "threads":
        most = threads.most(chosen.processes)
        return _named("ProcessLimit", f"the program had more than {most} threads and was stopped")
    if reason == "cancelled":
        return None
    full = result["full_memory_bytes"]
    if result["signal"]:
        words = _signal_words(result["signal"])
        named = _named("Signal", words + _full_words(full) if result["signal"] == signal.SIGBUS else words)
        return with_facts(
            named, {"limit": limits.words(chosen.file_bytes)} if result["signal"] == signal.SIGXFSZ else {}
        )
    own = parse_report(report)
    if own is None:
        return None
    if own["type"] == "OSError" and own["message"].startswith(NO_SPACE):
        own["message"] = (own["message"] + _full_words(full))[:MESSAGE_CHARS]
        return own if full else with_facts(own, _full_folder(folders))
    return with_facts(own, _limit(own, chosen))


def with_facts(error: dict[str, Any], facts: dict[str, Any]) -> dict[str, Any]:
    return {**error, "facts": {**error.get("facts", {}), **facts}} if facts else error


def _limit(own: dict[str, Any], chosen: limits.Limits) -> dict[str, str]:
    """The limit that an exception met, where its class or number names one."""
    kind, message = own["type"], own["message"]
    if message.startswith(f"[Errno {errno.EFBIG}]") or "died with <Signals.SIGXFSZ" in message:
        return {"limit": limits.words(chosen.file_bytes)}
    if message.startswith(f"[Errno {errno.EMFILE}]"):
        return {"limit": f"{chosen.open_files}"}
    if kind == "MemoryError" or kind.endswith("._ArrayMemoryError") or message.startswith(f"[Errno {errno.ENOMEM}]"):
        return {"limit": limits.words(chosen.memory_bytes)}
    if "can't start new thread" in message:
        return {"limit": f"{threads.most(chosen.processes)}"}
    return {}


def _full_folder(folders: list[Path]) -> dict[str, str]:
    """The file system without room, when one has none now."""
    full = [size for folder in folders if (size := size_if_full(f"{folder}"))]
    return {"full": f"the disk of the working folder ({limits.words(full[0])})"} if full else {}


def beyond_memory(result: dict[str, Any], chosen: limits.Limits) -> str:
    """`used more than 2 GiB of memory and was stopped`, with the part of files in /dev/shm, when that is much."""
    words, shared = f"used more than {limits.words(chosen.memory_bytes)} of memory", result["shared_bytes"]
    if shared < limits.SHARED_SAID * chosen.memory_bytes:
        return f"{words} and was stopped"
    return f"{words}, {limits.words(shared)} of it in {SHARED_MEMORY}, and was stopped"


def parse_report(data: bytes) -> dict[str, Any] | None:
    """The child's report when it has the form of ours; a program may have written anything."""
    if not data or len(data) > limits.REPORT_BYTES:
        return None
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return None  # not ours, or cut: the exit code stands without it
    if not isinstance(value, dict):
        return None
    told = cast("dict[str, Any]", value)
    if set(told) - {"type", "message", "line", "frame", "module", "connected", "facts"}:
        return None
    kind, message, line, frame = (told.get(name) for name in ("type", "message", "line", "frame"))
    module, facts = told.get("module"), told.get("facts")
    fits = (
        _text(kind, TYPE_CHARS)
        and kind
        and _text(message, MESSAGE_CHARS)
        and (line is None or (type(line) is int and 1 <= line <= LAST_LINE))
        and (frame is None or _text(frame, FRAME_CHARS))
        and (module is None or _text(module, MODULE_CHARS))
        and told.get("connected") in (None, True)
        and (facts is None or _facts_fit(facts))
    )
    if not fits:
        return None
    error = {"type": kind, "message": message, "line": line, "frame": frame}
    return {
        **error,
        **({"module": module} if module else {}),
        **({"connected": True} if told.get("connected") else {}),
        **({"facts": facts} if facts else {}),
    }


def _facts_fit(facts: object) -> bool:
    if not isinstance(facts, dict):
        return False
    named = cast("dict[str, object]", facts)
    return len(named) <= FACTS and all(FACT_NAME.fullmatch(name) and _fact_fits(named[name]) for name in named)


def _fact_fits(value: object) -> bool:
    if isinstance(value, list):
        items = cast("list[object]", value)
        return len(items) <= FACT_ITEMS and all(_text(item, FACT_ITEM_CHARS) for item in items)
    return _text(value, FACT_CHARS) or (type(value) is int and abs(value) <= FACT_NUMBER)


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
