"""Reads the fields of request bodies: unknown, missing, mistyped and out-of-range ones are refused in words."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from typing import Any, cast

from runner.bounds import limits
from runner.bounds.refusal import Refusal
from runner.runs.request import RunRequest
from runner.start import environment
from runner.workspace.folders import path_parts

RUN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
RUN_FIELDS = "id code files stdin timeout_s orphan_grace_s limits env show_last package_lists check".split()
# Without the field the value is shown after a quiet program: one that printed nothing on stdout and changed no file.
SHOW_LAST = {True: "always", False: "never", None: "quiet"}
KINDS: dict[type[object], str] = {
    type(None): "nothing",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    str: "a string",
    list: "a list",
    dict: "an object",
}


def run_request(body: dict[str, Any]) -> RunRequest:
    """A checked POST /runs."""
    only_known(body, RUN_FIELDS)
    run_id = text(body, "id")
    if not RUN_ID.fullmatch(run_id):
        raise Refusal("bad_request", "id must be 1 to 64 of [A-Za-z0-9_-]")
    return RunRequest(
        id=run_id,
        code=code(body),
        files=_files(body.get("files")),
        stdin=None if body.get("stdin") is None else text(body, "stdin"),
        timeout_s=number(body, "timeout_s", limits.TIMEOUT_S, limits.TIMEOUT_RANGE_S),
        orphan_grace_s=number(body, "orphan_grace_s", limits.ORPHAN_GRACE_S, limits.ORPHAN_GRACE_RANGE_S),
        limits=chosen_limits(body.get("limits")),
        env=_env(body.get("env")),
        show_last=SHOW_LAST[optional_flag(body, "show_last")],
        package_lists=_package_lists(body.get("package_lists")),
        check=flag(body, "check"),
    )


def code(body: dict[str, Any]) -> str:
    value = text(body, "code")
    if len(value) > limits.CODE_BYTES or len(value.encode("utf-8", "surrogatepass")) > limits.CODE_BYTES:
        raise Refusal("too_large", f"code is longer than {limits.words(limits.CODE_BYTES)}; put data into files")
    return value


def only_known(body: dict[str, Any], known: Iterable[str], where: str = "the body") -> None:
    unknown = sorted(set(body) - set(known))
    if unknown:
        raise Refusal(
            "bad_request",
            f"{where} has an unknown field {unknown[0][:100]!r}; known are {', '.join(known)}",
        )


def text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise Refusal("bad_request", f"{name} must be a string (got {_kind(value)})")
    return value


def strings(body: dict[str, Any], name: str) -> list[str]:
    value = body.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in cast("list[Any]", value)):
        raise Refusal("bad_request", f"{name} must be a list of strings")
    return cast("list[str]", value)


def flag(body: dict[str, Any], name: str) -> bool:
    value = body.get(name, False)
    if not isinstance(value, bool):
        raise Refusal("bad_request", f"{name} must be true or false (got {_kind(value)})")
    return value


def optional_flag(body: dict[str, Any], name: str) -> bool | None:
    return flag(body, name) if name in body else None


def number(body: dict[str, Any], name: str, default: float, bounds: tuple[float, float]) -> float:
    value = body.get(name, default)
    low, high = bounds
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        got = f"{value:g}" if type(value) is float else f"{value}"[:40] if type(value) is int else _kind(value)
        raise Refusal("bad_request", f"{name} must be a number from {low:g} to {high:g} (got {got})")
    return float(value)


def query_number(query: dict[str, str], name: str, bounds: tuple[int, int], default: int | None = None) -> int:
    """The whole number in `?name=n`, the only query there is; without `default` it must be there."""
    low, high = bounds
    if not query and default is not None:
        return default
    wanted = query.get(name, "")
    is_number = set(query) == {name} and wanted.isascii() and wanted.isdigit() and len(wanted) < 16
    if not is_number or not low <= int(wanted) <= high:
        raise Refusal("bad_request", f"the only query is ?{name}=n, with n from {low} to {high}")
    return int(wanted)


def query_quota(query: dict[str, str]) -> int:
    """The `workspace_bytes` among the parts of a query."""
    given = {name: value for name, value in query.items() if name == "workspace_bytes"}
    return query_number(
        given, "workspace_bytes", limits.LIMIT_RANGES["workspace_bytes"], limits.Limits().workspace_bytes
    )


def chosen_limits(value: Any, known: tuple[str, ...] = tuple(limits.LIMIT_RANGES)) -> limits.Limits:
    chosen = mapping(value, "limits")
    only_known(chosen, known, "limits")
    for name, size in chosen.items():
        low, high = limits.LIMIT_RANGES[name]
        if type(size) is not int or not low <= size <= high:
            raise Refusal("bad_request", f"limits.{name} must be an integer from {low} to {high}")
    return limits.Limits(**chosen)


def _package_lists(value: Any) -> dict[str, list[str]]:
    lists = mapping(value, "package_lists")
    only_known(lists, ("allowed", "blocked"), "package_lists")
    return {name: strings(lists, name) for name in lists}


def _env(value: Any) -> dict[str, str]:
    variables = mapping(value, "env")
    size = 0
    for name, content in variables.items():
        problem = environment.refused_name(name)
        if problem:
            raise Refusal("bad_request", f"env: {name[:100]!r} {problem}")
        if not isinstance(content, str) or "\0" in content or (not content.isprintable() and _lone_surrogate(content)):
            raise Refusal("bad_request", f"env.{name} must be a string without NUL")
        size += len(name) + len(content.encode()) + 2
    if size > limits.ENV_BYTES:
        raise Refusal("bad_request", f"env is longer than {limits.words(limits.ENV_BYTES)}; use files for data")
    return variables


def _files(value: Any) -> dict[str, bytes]:
    files = mapping(value, "files")
    return {path: _file(path, content) for path, content in files.items()}


def _file(path: str, content: Any) -> bytes:
    try:
        path_parts(path)
    except ValueError as error:
        raise Refusal("bad_request", f"files: {path[:200]!r}: {error}") from error
    if isinstance(content, str):
        return content.encode("utf-8", "surrogatepass")
    members = cast("dict[str, Any]", content) if isinstance(content, dict) else {}
    if set(members) == {"base64"} and isinstance(members["base64"], str):
        try:
            return base64.b64decode(members["base64"], validate=True)
        except (binascii.Error, ValueError) as error:
            raise Refusal("bad_request", f"files: {path[:200]!r} is not valid base64") from error
    raise Refusal("bad_request", f'files: {path[:200]!r} must be a string or {{"base64": "…"}}')


def mapping(value: Any, name: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Refusal("bad_request", f"{name} must be an object (got {_kind(value)})")
    return cast("dict[str, Any]", value)


def _lone_surrogate(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return True
    return False


def _kind(value: object) -> str:
    return KINDS.get(type(value), type(value).__name__)
