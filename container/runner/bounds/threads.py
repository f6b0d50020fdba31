"""Most threads of all processes of a program together; a process has at least one."""

from __future__ import annotations

from . import limits

GROUP_LIMITS = ("/sys/fs/cgroup/pids.max", "/sys/fs/cgroup/pids/pids.max")


def most(processes: int) -> int:
    """Most threads of a program with so many processes."""
    return within_group(processes * limits.THREADS_PER_PROCESS_LIMIT)


def within_group(wanted: int) -> int:
    """Fewer threads where the control group has no room for them: without threads of its own the runner could serve
    nobody."""
    group = _group_limit()
    return wanted if group is None else min(wanted, max(group // 2, group - limits.KEPT_THREADS))


def _group_limit() -> int | None:
    for path in GROUP_LIMITS:
        try:
            with open(path, encoding="ascii") as file:
                return int(file.read())
        except (OSError, ValueError):
            continue  # another version of control groups, or none; "max": no limit
    return None
