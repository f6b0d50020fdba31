"""Refusals of requests: a code of the protocol, and words. Each room refuses the requests that it cannot serve; the
server answers with the refusal."""

from __future__ import annotations

from typing import Any

STATUS_OF = {
    "bad_request": 400,
    "unauthorized": 401,
    "forbidden": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "conflict": 409,
    "too_large": 413,
    "no_picture": 422,
    "busy": 429,
    "internal": 500,
    "not_started": 503,
    "leaving": 503,
    "quota": 507,
}


class Refusal(Exception):
    """A request that is answered with an error: a code of the protocol and a message with cause and next step."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    @property
    def status(self) -> int:
        return STATUS_OF[self.code]

    def as_json(self) -> dict[str, Any]:
        return {"error": {"code": self.code, "message": self.message}}
