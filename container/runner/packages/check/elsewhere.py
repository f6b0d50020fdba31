"""Working folders of other systems that a program names, though its own is another."""

from __future__ import annotations

import ast
from pathlib import Path

PLACES = "/mnt/data /mnt/user-data /content /home/user /home/oai /workspace /tmp/outputs /kaggle/working".split()


def named(tree: ast.Module, own: list[Path], aliases: list[str]) -> list[str]:
    """Folders of other systems in the program's texts, each once, except where a folder of its own is, or an alias
    of the working folder."""
    foreign = [
        place for place in PLACES if place not in aliases and not any(folder.is_relative_to(place) for folder in own)
    ]
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return [place for place in foreign if any(text == place or text.startswith(f"{place}/") for text in texts)]
