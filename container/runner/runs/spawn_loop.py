"""A program that starts worker processes anew for ever: each worker begins by running the program from its first line,
fails where that starts workers itself, and is replaced by its pool."""

from __future__ import annotations

# Error of multiprocessing in such a worker, as its traceback prints it.
RAISED = "RuntimeError: \n        An attempt has been made to start a new process before the\n"
# Most occurrences: beyond the first round of most pools. A program that starts a few workers and goes on without them
# is left alone.
MOST = 10
WORDS = (
    "its worker processes were started again and again: each runs this program from its first line,"
    " and fails where that starts workers itself"
)


class SpawnLoop:
    """Reads a run's stderr for it."""

    def __init__(self) -> None:
        self._count: int = 0
        self._end: str = ""

    @property
    def seen(self) -> bool:
        return self._count >= MOST

    def add(self, text: str) -> bool:
        """Reads a text. Returns true once, when the loop is seen."""
        if self.seen:
            return False
        text = self._end + text
        self._count += text.count(RAISED)
        # An occurrence may come in two pieces; a whole one is not counted twice.
        self._end = text[text.rfind(RAISED) + len(RAISED) if RAISED in text else 0 :][-len(RAISED) :]
        return self.seen

    def error(self) -> dict[str, object]:
        return {"type": "SpawnLoop", "message": f"{WORDS}, so it was stopped", "line": None, "frame": None}
