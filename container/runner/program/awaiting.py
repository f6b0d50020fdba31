"""Executes a program that awaits at its top level. Loaded by its path into the program's interpreter."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable
from types import CodeType
from typing import Any, cast

CO_COROUTINE = 0x80


def execute(parts: tuple[CodeType, ...], names: dict[str, Any]) -> Any:
    """Executes all parts within one event loop, so that a part which makes tasks between two `await` finds it
    running."""
    original = asyncio.run

    async def program() -> Any:
        value: Any = None
        for part in parts:
            value = eval(part, names)  # this is what we are for
            if part.co_flags & CO_COROUTINE:
                value = await value
        if isinstance(value, asyncio.Task):
            return await cast("asyncio.Task[Any]", value)
        return value

    def run_beside(main: Any, **options: Any) -> Any:
        """`asyncio.run` where a loop is running already: in a thread, for which the program waits."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return original(main, **options)
        return _in_thread(lambda: original(main, **options))

    asyncio.run = run_beside
    try:
        return original(program())
    finally:
        if asyncio.run is run_beside:
            asyncio.run = original


def _in_thread(work: Callable[[], Any]) -> Any:
    context = contextvars.copy_context()
    done: dict[str, Any] = {}

    def begin() -> None:
        try:
            done["value"] = context.run(work)
        except BaseException as error:  # raised where the program waits
            done["error"] = error

    thread = threading.Thread(target=begin)
    thread.start()
    thread.join()
    if "error" in done:
        raise done["error"]
    return done["value"]
