"""`IPython.display` for programs that import it: the real one, made to show where no notebook listens, or, where
IPython is not installed, the part of it that programs use. Loaded by its path into a program's interpreter."""

from __future__ import annotations

import html
import importlib.util
import json
import os
import sys
import types
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from typing import Any


class _Text:
    """A text to be read and shown."""

    def __init__(
        self, data: Any = None, *_args: Any, filename: str | None = None, url: str | None = None, **_options: Any
    ) -> None:
        if filename is not None:
            with open(filename, encoding="utf-8") as file:
                data = file.read()
        self.data = url if data is None else data
        self.filename, self.url = filename, url

    def __repr__(self) -> str:
        return f"{self.data}"


class Markdown(_Text):
    pass


class Latex(_Text):
    pass


class Math(_Text):
    pass


class Pretty(_Text):
    pass


class Code(_Text):
    pass


class Javascript(_Text):
    pass


class FileLink(_Text):
    def __init__(self, path: str, *_args: Any, **_options: Any) -> None:
        super().__init__(os.path.relpath(path))


class JSON(_Text):
    def __repr__(self) -> str:
        return self.data if isinstance(self.data, str) else json.dumps(self.data, indent=2, default=str)


class HTML(_Text):
    __repr__ = object.__repr__

    def _repr_html_(self) -> str:
        return f"{self.data}"


class IFrame(HTML):
    def __init__(self, src: str, width: Any, height: Any, **_options: Any) -> None:
        super().__init__(
            f'<iframe src="{html.escape(src)}" width="{html.escape(str(width))}" height="{html.escape(str(height))}">'
            "</iframe>"
        )


class SVG(_Text):
    __repr__ = object.__repr__

    def _repr_svg_(self) -> str:
        return f"{self.data}"


class Image(_Text):
    """A picture by its bytes or its file; of an address the address is shown."""

    def __init__(self, data: Any = None, url: str | None = None, filename: str | None = None, **_options: Any) -> None:
        if isinstance(data, (str, os.PathLike)):
            place = f"{data}"
            is_address = place.startswith(("http://", "https://"))
            url, filename, data = (place, filename, None) if is_address else (url, place, None)
        if filename is not None:
            with open(filename, "rb") as file:
                data = file.read()
        self.data, self.filename, self.url = data, filename, url

    def __repr__(self) -> str:
        return f"<Image {self.filename or self.url or ''}>".replace(" >", ">")

    def _repr_png_(self) -> bytes | None:
        return self.data if self.data and self.data[:4] == b"\x89PNG" else None

    def _repr_jpeg_(self) -> bytes | None:
        return self.data if self.data and self.data[:2] == b"\xff\xd8" else None


def clear_output(wait: bool = False) -> None:
    """Nothing: what was printed has been seen."""


CLASSES = (HTML, Markdown, Image, SVG, JSON, Latex, Math, Pretty, Code, Javascript, IFrame, FileLink)


def offer(
    display: Callable[..., None], get_ipython: Callable[[], Any], main: types.ModuleType, stands_in: bool
) -> None:
    """Makes the program's imports of IPython get these from now on. `stands_in`: also where it is not installed, as
    the program needs nothing else of it."""

    def in_program() -> Any:
        # Libraries that ask hear that there is no notebook: there is none that they could draw in.
        caller = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]  # there is no public way
        return get_ipython() if caller.f_globals is main.__dict__ else None

    replaced = {
        "IPython.core.display_functions": {"display": display, "clear_output": clear_output},
        "IPython.core.getipython": {"get_ipython": in_program},
    }
    sys.meta_path.insert(0, _ImportPatches(replaced))
    if stands_in:
        shown = {each.__name__: each for each in CLASSES}
        inner = {"display": display, "clear_output": clear_output, **shown}
        sys.meta_path.append(
            _StandIn(
                {
                    "IPython": {"get_ipython": in_program, "version_info": (0, 0, 0), "__version__": "0"},
                    "IPython.display": inner,
                    "IPython.core": {},
                    "IPython.core.display": inner,
                }
            )
        )


class _ImportPatches:
    """Replaces some of the names of modules right after their import."""

    def __init__(self, modules: dict[str, dict[str, Any]]) -> None:
        self._modules = modules

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        names = self._modules.pop(name, None)
        if names is None:
            return None
        spec = importlib.util.find_spec(name)
        if spec and spec.loader:
            execute = spec.loader.exec_module

            def exec_module(module: types.ModuleType) -> None:
                execute(module)
                module.__dict__.update(names)

            spec.loader.exec_module = exec_module
        return spec


class _StandIn:
    """Finds modules that nobody else has."""

    def __init__(self, modules: dict[str, dict[str, Any]]) -> None:
        self._modules = modules

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if name not in self._modules:
            return None
        return importlib.util.spec_from_loader(
            name,
            self,  # pyright: ignore[reportArgumentType]  # typeshed asks for load_module, which Python does without
            is_package=True,
        )

    def create_module(self, spec: Any) -> None:
        return None

    def exec_module(self, module: types.ModuleType) -> None:
        module.__dict__.update(self._modules[module.__name__])
