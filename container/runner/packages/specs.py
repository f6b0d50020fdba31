"""Requirement specifiers as POST /packages takes them: a strict part of PEP 508. No URL, path, option or
white-space trick gets through, because every form that is not named here is refused."""

from __future__ import annotations

import re

from runner.bounds import limits
from runner.bounds.refusal import Refusal

NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?"
VERSION = r"[A-Za-z0-9](?:[A-Za-z0-9.!+_-]*[A-Za-z0-9])?(?:\.\*)?"
CLAUSE = rf"(?:===|==|!=|<=|>=|~=|<|>) ?{VERSION}"
MARKER_VALUE = r"""(?:"[A-Za-z0-9._ -]{0,60}"|'[A-Za-z0-9._ -]{0,60}')"""
MARKER = rf"[a-z_]{{2,40}} ?(?:==|!=|<=|>=|~=|<|>| in | not in ) ?{MARKER_VALUE}"
SPEC = re.compile(
    rf"(?P<name>{NAME})(?P<extras> ?\[ ?{NAME}(?: ?, ?{NAME}){{0,20}} ?\])?"
    rf"(?P<versions> ?{CLAUSE}(?: ?, ?{CLAUSE}){{0,10}})?"
    rf"(?P<marker> ?; ?{MARKER}(?: (?:and|or) {MARKER}){{0,5}})?",
    re.ASCII,
)


def checked(specs: list[str]) -> list[re.Match[str]]:
    """Each specifier taken apart; the first bad one is refused by name."""
    if not 1 <= len(specs) <= limits.SPECS:
        raise Refusal("bad_request", f"specs must hold 1 to {limits.SPECS} requirement specifiers")
    return [_one(spec) for spec in specs]


def _one(spec: str) -> re.Match[str]:
    match = SPEC.fullmatch(spec) if len(spec) <= limits.SPEC_CHARS else None
    if not match:
        shown = spec[:80].encode("unicode_escape").decode()
        raise Refusal(
            "bad_request",
            f"{shown!r} is not a plain requirement; write it as in `httpx[http2]>=0.27,<1`",
        )
    return match
