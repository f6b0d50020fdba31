"""Modules that fork servers have loaded, and which server a program needs."""

from __future__ import annotations

import re
from collections.abc import Iterator

IMPORT = re.compile(r"(?:^|;)[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import\b|import[ \t]+([\w., \t]+))", re.MULTILINE)
# Modules of the bare server: what every program of ours needs, and what costs next to nothing. The larger a process is,
# the longer its fork takes.
BARE = (
    "__future__ _io _thread abc ast atexit base64 bisect builtins codecs collections contextlib copy copyreg"
    " dataclasses datetime difflib enum errno fcntl fnmatch functools gc glob heapq html importlib inspect io itertools"
    " json keyword linecache math numbers operator os pathlib posixpath pprint re reprlib resource select selectors"
    " signal site socket stat string struct sys textwrap threading time token tokenize traceback types typing warnings"
    " weakref"
).split()
# Modules of the standard server: the rest of the standard library that programs usually import.
STANDARD = (
    "json re asyncio datetime random collections subprocess csv urllib.request math statistics itertools functools"
    " pathlib tempfile shutil hashlib base64 typing dataclasses threading concurrent.futures multiprocessing logging"
    " textwrap glob decimal traceback inspect uuid zipfile html io string time contextlib enum argparse"
    " xml.etree.ElementTree sqlite3 ssl http.client queue heapq operator copy pprint"
).split()
# Modules of full servers: slow to import (a tenth of a second and more, or close to it) and often asked for.
HEAVY = frozenset(
    "numpy pandas scipy matplotlib sklearn PIL requests httpx seaborn plotly sympy polars pyarrow bs4 lxml yaml"
    " openpyxl statsmodels networkx skimage cv2 nltk aiohttp pydantic sqlalchemy rich jinja2 docx pptx reportlab"
    " xgboost numba".split()
)
OTHERWISE = ("await", "__import__", "import_module")  # ways to a module that no line of the program names


def imported(code: str) -> Iterator[str]:
    """The modules that a program seems to import. A look at its lines is enough: it decides about speed only."""
    for match in IMPORT.finditer(code):
        for part in (match[1] or match[2]).split(","):
            words = part.split()
            if words:
                yield words[0].strip(".")


def needs_bare_alone(code: str) -> bool:
    """Whether the program seems to import nothing that the bare server lacks."""
    return all(name.partition(".")[0] in BARE for name in imported(code)) and not any(
        word in code for word in OTHERWISE
    )


def heavy_imports(code: str) -> list[str]:
    """The heavy modules that a program seems to import."""
    found: dict[str, None] = {}
    for name in imported(code):
        if name.partition(".")[0] in HEAVY and "__" not in name:
            found[name] = None
            if name == "matplotlib":
                found["matplotlib.pyplot"] = None
    return list(found)
