"""Packages over HTTP: what is there, installing, and removing one of the workspace's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from runner.bounds import limits
from runner.bounds.refusal import Refusal
from runner.http1 import Request
from runner.install.installs import Installs
from runner.install.request import InstallRequest
from runner.packages import generations, inventory, specs
from runner.runs.registry import Runs
from runner.start.ways import Starts
from runner.workspace.folders import Workspace

from . import fields


def list_packages(workspace: Workspace) -> dict[str, Any]:
    """The distributions that a program can import, by name: the workspace's own ones, and those of the interpreter."""
    own_folder = generations.current(workspace)
    own = inventory.described([str(own_folder)]) if own_folder else {}
    there = {**inventory.base_described(), **own}
    sizes = generations.sizes(own_folder) if own_folder else {}
    names = sorted(there)
    return {
        "packages": [
            {
                "name": name,
                "version": there[name].version,
                "own": name in own,
                "requires": inventory.needs(there[name]),
                "bytes": sizes.get(name) if name in own else None,
            }
            for name in names[: limits.LISTED_PACKAGES]
        ],
        "cut": len(names) > limits.LISTED_PACKAGES,
    }


async def install(request: Request, workspace: Workspace, installs: Installs, take_new: Callable[[], None]) -> None:
    """Installs, and answers with every event. `take_new` refuses when nothing new may begin."""
    body = await request.json()
    take_new()
    fields.only_known(body, ("specs", "timeout_s", "limits"))
    wanted = specs.checked(fields.strings(body, "specs"))
    bounds = limits.INSTALL_TIMEOUT_RANGE_S
    timeout_s = fields.number(body, "timeout_s", limits.INSTALL_TIMEOUT_S, bounds)
    chosen = fields.chosen_limits(body.get("limits"), ("memory_bytes", "workspace_bytes"))
    stream = request.connection.lines()
    try:
        await installs.run(workspace, InstallRequest(wanted, timeout_s, chosen), stream)
        await stream.end()
    finally:
        stream.close()


async def remove_package(workspace: Workspace, name: str, runs: Runs, installs: Installs, starts: Starts) -> str:
    """Removes one of the workspace's packages; running programs keep it. Returns `name==version`."""
    async with installs.turn(workspace):
        old = generations.current(workspace)
        normal = inventory.normal(name)
        version = inventory.distributions([str(old)]).get(normal) if old else None
        if old is None or version is None:
            if normal in inventory.base_distributions():
                raise Refusal(
                    "conflict", f"{normal} belongs to the Python that programs run with, and cannot be removed"
                )
            raise Refusal("not_found", f"the package {normal[:100]!r} is not installed")
        new = generations.next_generation(workspace)
        await asyncio.to_thread(generations.without, old, new, normal)
        generations.switch(workspace, new)
        starts.packages_changed(workspace)
        generations.remove_unused(workspace, runs.uses)
        runs.space(workspace).changed(packages=True)
    return f"{normal}=={version}"
