"""Processes that the kernel has killed because there was no memory left, as the control group counts them."""

from __future__ import annotations

COUNTERS = ("/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control")


def kills() -> int | None:
    """Number of kills until now; None where nothing counts them."""
    for path in COUNTERS:
        try:
            with open(path, encoding="ascii") as file:
                for line in file:
                    name, _, count = line.partition(" ")
                    if name == "oom_kill":
                        return int(count)
        except (OSError, ValueError):
            continue  # another version of control groups, or none
    return None
