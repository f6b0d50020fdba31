"""Request for a run."""

from __future__ import annotations

from dataclasses import dataclass

from runner.bounds.limits import Limits


@dataclass(frozen=True)
class RunRequest:
    """A checked POST /runs."""

    id: str
    code: str
    files: dict[str, bytes]
    stdin: str | None
    timeout_s: float
    orphan_grace_s: float
    limits: Limits
    env: dict[str, str]
    show_last: str  # "always", "never" or "quiet"
    package_lists: dict[str, list[str]]
    check: bool  # it is read first, and started only if it lacks nothing
