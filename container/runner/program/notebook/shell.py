"""Functions that a notebook cell calls while it runs: `get_ipython()` with its shell commands, and `display`.
Loaded by its path into a program's interpreter; magics.py has the magics."""

# There is no public way to the caller's names.
# pyright: reportPrivateUsage=false

from __future__ import annotations

import contextlib
import functools
import io
import os
import string
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from types import FrameType, ModuleType
from typing import Any, cast

SHELL = "/bin/bash" if os.path.exists("/bin/bash") else "/bin/sh"


class Lines(list[str]):
    """The output of a command."""

    @property
    def n(self) -> str:
        return "\n".join(self)

    @property
    def s(self) -> str:
        return " ".join(self)

    @property
    def l(self) -> list[str]:  # noqa: E743  IPython's name
        return list(self)

    nlstr, spstr, list = n, s, l

    def grep(self, pattern: str) -> Lines:
        return Lines(line for line in self if pattern in line)

    def fields(self, *numbers: int) -> Lines:
        rows = (line.split() for line in self)
        return Lines(" ".join(row[number] for number in numbers if number < len(row)) for row in rows)


class Captured:
    """The output of a captured cell."""

    def __init__(self, stdout: str, stderr: str) -> None:
        self.stdout, self.stderr = stdout, stderr

    def show(self) -> None:
        sys.stdout.write(self.stdout)
        sys.stderr.write(self.stderr)

    __call__ = show

    def __str__(self) -> str:
        return self.stdout


class Names(string.Formatter):
    """`{expression}` in a command is its value. An expression that fails leaves the whole command as it is."""

    def __init__(self, names: dict[str, Any]) -> None:
        self.names = names

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> tuple[Any, str]:
        return eval(field_name, self.names), field_name  # the program's own text


class Shell:
    """The object that `get_ipython()` returns."""

    def __init__(self, main: ModuleType, show: Callable[[Any], None], magics: dict[str, Any]) -> None:
        self.user_ns = main.__dict__
        self.user_module = main
        self._show = show
        self._magics = magics
        self._clock: tuple[float, float] | None = None
        self._captures: list[tuple[str, io.StringIO, io.StringIO, Any, Any]] = []

    def display(self, *values: Any, raw: bool = False, **_options: Any) -> None:
        """Shows each value; the options are for pages that change what they show."""
        for value in values:
            if value is None:
                print(None)
            else:
                self._show(Bundle(value) if raw else value)

    def system(self, command: str) -> None:
        """Runs a shell command, whose output is the program's."""
        self._system(self._filled(command, sys._getframe(1)))

    def getoutput(self, command: str) -> Lines:
        """The output of a shell command, line by line."""
        done = self._shell(self._filled(command, sys._getframe(1)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return Lines(done.stdout.decode("utf-8", "replace").splitlines())

    getoutput_no_expand = getoutput

    def run_line_magic(self, name: str, line: str = "", _stack_depth: int = 1) -> Any:
        return self._line_magic(name, line, sys._getframe(1))

    def magic(self, text: str) -> Any:
        name, _, line = text.lstrip("%").partition(" ")
        return self._line_magic(name, line.strip(), sys._getframe(1))

    def run_cell_magic(self, name: str, line: str, cell: str) -> Any:
        return self._magics["cell_magic"](self, name, line, cell)

    def ev(self, expression: str) -> Any:
        return eval(expression, self.user_ns)  # the program's own text

    def ex(self, statements: str) -> None:
        exec(statements, self.user_ns)  # the program's own text

    def push(self, variables: dict[str, Any]) -> None:
        self.user_ns.update(variables)

    @contextlib.contextmanager
    def timed(self) -> Generator[None]:
        self.start_clock()
        try:
            yield
        finally:
            self.stop_clock()

    def timed_value(self, work: Callable[[], Any]) -> Any:
        with self.timed():
            return work()

    def start_clock(self) -> None:
        self._clock = time.perf_counter(), time.process_time()

    def stop_clock(self) -> None:
        if self._clock:
            wall, cpu = time.perf_counter() - self._clock[0], time.process_time() - self._clock[1]
            self._clock = None
            print(f"Wall time: {self._magics['duration'](wall)} (CPU: {self._magics['duration'](cpu)})")

    def start_capture(self, name: str) -> None:
        out, err = io.StringIO(), io.StringIO()
        self._captures.append((name.split(" ")[-1], out, err, sys.stdout, sys.stderr))
        sys.stdout, sys.stderr = out, err

    def stop_capture(self) -> Captured | None:
        if not self._captures:
            return None
        name, out, err, sys.stdout, sys.stderr = self._captures.pop()
        captured = Captured(out.getvalue(), err.getvalue())
        if name.isidentifier():
            self.user_ns[name] = captured
        return captured

    def finish(self, has_failed: bool) -> None:
        """Ends the shell when the program has ended or failed: captured output that is left is shown."""
        captured = self.stop_capture()
        if captured and has_failed:
            captured.show()
        self.stop_clock()

    def _line_magic(self, name: str, line: str, caller: FrameType) -> Any:
        fill = functools.partial(self._filled, caller=caller)
        return self._magics["line_magic"](self, name, line, _names_in(caller), fill)

    def _system(self, command: str) -> None:
        sys.stdout.flush()
        if sys.stdout is sys.__stdout__:
            done = self._shell(command)
        else:  # somebody collects what is printed
            done = self._shell(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            sys.stdout.write(done.stdout.decode("utf-8", "replace"))
        self.user_ns["_exit_code"] = done.returncode

    def _shell(self, command: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
        arguments: dict[str, Any] = {"shell": True, "executable": SHELL, "check": False, **options}
        return cast("subprocess.CompletedProcess[bytes]", subprocess.run(command, **arguments))  # as written

    def _filled(self, command: str, caller: FrameType) -> str:
        """The command with the values of `{expression}` and `$name`; `$name` of the shell's own stays."""
        names = _names_in(caller)
        if "{" in command:
            try:
                command = Names(names).vformat(command, (), names)
            except Exception:  # it is the shell's, as `{print $1}` of awk is
                return command
        return self._magics["with_names"](command, names)


class Bundle:
    """A value that says itself what it looks like, by MIME type."""

    def __init__(self, bundle: dict[str, Any]) -> None:
        self._bundle = bundle

    def __repr__(self) -> str:
        return f"{self._bundle.get('text/plain', self._bundle)}"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return self._bundle


def _names_in(frame: FrameType) -> dict[str, Any]:
    return {**frame.f_globals, **frame.f_locals}
