"""Loaded by its path into a program's interpreter, once the program has imported matplotlib.font_manager: takes
characters that the chosen fonts lack from other fonts of the machine, and names those without any font in one line."""

from __future__ import annotations

import atexit
import functools
import logging
from typing import Any

# Families in the order in which they are tried: sans serif and well made ones first. Those of the machine's fonts are
# used.
FAMILIES = (
    *("Noto Sans CJK SC", "Noto Sans CJK JP", "WenQuanYi Zen Hei", "IPAPGothic", "Droid Sans Fallback"),
    *("Noto Sans Devanagari", "Noto Sans Bengali", "Noto Sans Tamil", "Noto Sans Thai", "Noto Naskh Arabic", "Loma"),
    *("PingFang SC", "Hiragino Sans", "Apple SD Gothic Neo", "Arial Unicode MS"),
    *("Microsoft YaHei", "Malgun Gothic", "Nirmala UI", "Segoe UI Symbol"),
    *("FreeSans", "FreeSerif", "Symbola", "Unifont", "Unifont Upper"),
)
NAMED = 10  # characters that the line shows


def add_fallbacks(font_manager: Any, shown: Any) -> None:
    manager_class = font_manager.FontManager
    find, log = manager_class._find_fonts_by_props, logging.getLogger("matplotlib.font_manager")

    @functools.lru_cache(maxsize=8)
    def fallbacks(manager: Any, known: int) -> list[Any]:
        there, silent = {font.name for font in manager.ttflist}, log.disabled
        log.disabled = True  # it would say which of them have no regular weight
        try:
            return [manager.findfont(name, fallback_to_default=False) for name in FAMILIES if name in there]
        finally:
            log.disabled = silent

    @functools.wraps(find)
    def _find_fonts_by_props(self: Any, prop: Any, fontext: str = "ttf", *args: Any, **options: Any) -> Any:
        found = find(self, prop, fontext, *args, **options)
        if fontext != "ttf":
            return found
        return found + [path for path in fallbacks(self, len(self.ttflist)) if path not in found]

    manager_class._find_fonts_by_props = _find_fonts_by_props
    log.addFilter(_once())
    _collect_missing(shown)


def _once() -> Any:
    """Reports a missing family once, though it is looked for again and again."""
    said: set[str] = set()

    def is_new(record: logging.LogRecord) -> bool:
        words = record.getMessage()
        new = words not in said or not words.startswith("findfont:")
        said.add(words)
        return new

    return is_new


def _collect_missing(shown: Any) -> None:
    """Collects missing characters, instead of a warning for each and each time that it is drawn."""
    import importlib

    helpers = importlib.import_module("matplotlib._text_helpers")
    missing: dict[str, None] = {}

    def warn_on_missing_glyph(codepoint: int, fontnames: str) -> None:
        missing[chr(codepoint)] = None

    def say() -> None:
        if not missing:
            return
        more = f" and {len(missing) - NAMED} more" if len(missing) > NAMED else ""
        shown.say(f"matplotlib: no font here has {' '.join(list(missing)[:NAMED])}{more}; boxes are drawn instead.")

    vars(helpers)["warn_on_missing_glyph"] = warn_on_missing_glyph
    atexit.register(shown.at_end(say))


PATCHES = {"matplotlib.font_manager": add_fallbacks}
