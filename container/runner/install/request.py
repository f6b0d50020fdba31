"""Request for an installation."""

from __future__ import annotations

import re
from dataclasses import dataclass

from runner.bounds.limits import Limits


@dataclass(frozen=True)
class InstallRequest:
    """A checked POST /packages."""

    specs: list[re.Match[str]]
    timeout_s: float
    limits: Limits
