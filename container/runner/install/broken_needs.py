"""The script that reports what an installation would break: `python -I broken_needs.py FRESH OLD NAMES…`. FRESH:
the folder of the new distributions, OLD: the workspace's packages before, NAMES: the new names, in normal form. A
line for each package that would lack a need. Nothing of the folders is imported, and nothing of the runner. Without
pip, which brings the rules of versions along, it prints nothing."""

from __future__ import annotations

import importlib.metadata
import re
import sys

MOST = 5  # lines


def main(fresh: str, old: str, names: list[str]) -> None:
    try:
        from pip._vendor.packaging.requirements import Requirement
        from pip._vendor.packaging.version import Version
    except ImportError:
        return
    there: dict[str, importlib.metadata.Distribution] = {}
    for each in importlib.metadata.distributions(path=[fresh, old, *sys.path]):
        there.setdefault(_normal(each.metadata["Name"] or ""), each)
    lines: list[str] = []
    for name, each in sorted(there.items()):
        for text in each.requires or []:
            # Most requirements are about something else, and reading one takes a while.
            wanted = re.match(r"[A-Za-z0-9._-]+", text)
            if not wanted or _normal(wanted[0]) not in names:
                continue
            try:
                need = Requirement(text)
                found, own = Version(there[_normal(need.name)].version), Version(each.version)
                if need.marker and not need.marker.evaluate({"extra": ""}):
                    continue
            except (KeyError, ValueError):
                continue  # not there, or against the rules: other tools report nothing of it either
            if not need.specifier.contains(found, prereleases=True):
                wanted_name = _normal(need.name)
                lines.append(f"{name} {own} needs {wanted_name}{need.specifier}, and {wanted_name} is {found}")
    print("\n".join(lines[:MOST]))


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
