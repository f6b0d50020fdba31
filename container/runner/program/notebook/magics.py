"""The magics of a notebook cell. Loaded by its path into a program's interpreter, beside shell.py."""

from __future__ import annotations

import inspect
import os
import re
import runpy
import shlex
import statistics
import subprocess
import sys
import timeit
from collections.abc import Callable
from typing import Any

INFO_CHARS = 2_000
VALUE_CHARS = 60
NAMED = re.compile(r"\$(\$|[A-Za-z_]\w*)")
UNITS = ((1, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))
COMMANDS = {"ll": "ls -l", "lf": "ls -l", "lx": "ls -l", "more": "cat"}
SHELL_COMMANDS = frozenset("cat cp ls man mkdir mv rm rmdir ll lf lx more".split())
PACKAGES = frozenset({"pip", "conda", "mamba", "micromamba", "uv"})
SCRIPTS = {
    "bash": "bash",
    "sh": "sh",
    "!": "bash",
    "sx": "bash",
    "system": "bash",
    "python": sys.executable,
    "python3": sys.executable,
}
TIMEIT_S, TIMEIT_REPEATS = 0.2, 7
SLOW_S, SLOW_REPEATS = 0.5, 3  # a body this slow is repeated less in a loop


def line_magic(shell: Any, name: str, line: str, names: dict[str, Any], filled: Callable[[str], str]) -> Any:
    """Executes a line magic. `names` are the caller's; `filled` puts their values into a line."""
    line = line.strip()
    if name in SHELL_COMMANDS:
        return shell._system(f"{COMMANDS.get(name, name)} {filled(line)}")
    if name in PACKAGES:
        return shell._system(f"{name} {filled(line)}")
    if name in ("sx", "getoutput"):
        return shell.getoutput(filled(line))
    if name == "system":
        return shell._system(filled(line))
    if name == "cd":
        return _change_folder(filled(_without_comment(line)))
    if name in ("env", "set_env"):
        return _environment(filled(_without_comment(line)))
    if name == "pwd":
        return os.getcwd()
    if name == "time":
        with shell.timed():
            return exec(line, shell.user_ns)  # the program's own text
    if name == "timeit":
        return _timeit(line, None, names)
    if name == "prun":
        import cProfile

        return cProfile.runctx(line, shell.user_ns, shell.user_ns, sort="cumulative")
    if name == "run":
        return _run_file(shell, filled(line))
    if name in ("pinfo", "pinfo2", "psource"):
        return _tell_about(line, names, with_source=name != "pinfo")
    if name in ("who", "whos", "who_ls"):
        return _tell_variables(name, shell.user_ns)
    if name in LEFT_OUT:
        return None
    raise ValueError(f"the magic %{name[:40]} is not known here; do it in Python, or leave the line out")


def cell_magic(shell: Any, name: str, line: str, body: str) -> Any:
    """Executes a cell magic. `body`: the lines below it."""
    if name in ("writefile", "file"):
        return _write(line, body)
    if name == "timeit":
        return _timeit(line, body, shell.user_ns)
    if name in SCRIPTS or name == "script":
        words = shlex.split(line)
        command = [SCRIPTS[name]] if name in SCRIPTS else words[:1] or ["sh"]
        return _script(shell, command, words, body)
    if name.lower() in DOCUMENTS:
        kind, method = DOCUMENTS[name.lower()]
        return shell.display(type(kind, (), {method: lambda _self: body})())
    if name in TEXTS:
        return print(body)
    raise ValueError(f"the magic %%{name[:40]} is not known here; do it in Python")


DOCUMENTS = {"html": ("HTML", "_repr_html_"), "svg": ("SVG", "_repr_svg_")}
TEXTS = frozenset({"markdown", "latex", "javascript", "js"})
# Magics that are of no use to a program, as in cell.py.
LEFT_OUT: frozenset[str] = frozenset()


def with_names(command: str, names: dict[str, Any]) -> str:
    """`$name` becomes its value, where it has one; `$$` is one `$`."""

    def value(found: re.Match[str]) -> str:
        if found[1] == "$":
            return "$"
        return f"{names[found[1]]}" if found[1] in names else found[0]

    return NAMED.sub(value, command)


def duration(seconds: float) -> str:
    scale, unit = next((each for each in UNITS if seconds >= each[0]), UNITS[-1])
    return f"{seconds / scale:.3g} {unit}"


def _without_comment(line: str) -> str:
    return line.partition(" #")[0].strip()


def _change_folder(path: str) -> None:
    os.chdir(os.path.expanduser(path.removeprefix("-q ").strip("\"' ") or "~"))
    print(os.getcwd())


def _environment(line: str) -> Any:
    name, equals, value = line.partition("=")
    if not equals:
        name, equals, value = line.partition(" ")
    if not name:
        return dict(os.environ)
    if not equals:
        return os.environ.get(name.strip())
    os.environ[name.strip()] = value.strip().strip("\"'")
    return None


def _run_file(shell: Any, line: str) -> None:
    words = shlex.split(line)
    is_module = "-m" in words
    shares = "-i" in words
    words = [word for word in words if word not in ("-i", "-m", "-n", "-t", "-p")]
    if not words:
        raise ValueError("%run needs the name of a file")
    argv, sys.argv = sys.argv, words
    try:
        given = {name: value for name, value in shell.user_ns.items() if not name.startswith("__")} if shares else None
        if is_module:
            found = runpy.run_module(words[0], given, "__main__", alter_sys=False)
        else:
            path = os.path.expanduser(words[0])
            path = path if os.path.exists(path) or path.endswith(".py") else f"{path}.py"
            found = runpy.run_path(path, given, "__main__")
    finally:
        sys.argv = argv
    shell.user_ns.update({name: value for name, value in found.items() if not name.startswith("__")})


def _script(shell: Any, command: list[str], words: list[str], body: str) -> None:
    collects = "--out" in words or sys.stdout is not sys.__stdout__
    done = subprocess.run([*command, "-c", body], stdout=subprocess.PIPE if collects else None, check=False)
    if collects:
        text = done.stdout.decode("utf-8", "replace")
        if "--out" in words[:-1]:
            shell.user_ns[words[words.index("--out") + 1]] = text
        else:
            sys.stdout.write(text)
    if done.returncode and "--no-raise-error" not in words:
        raise subprocess.CalledProcessError(done.returncode, command)


def _write(line: str, body: str) -> None:
    words = shlex.split(line)
    appends = words[:1] in (["-a"], ["--append"])
    if len(words) != 1 + appends:
        raise ValueError("%%writefile needs the name of one file")
    path = os.path.expanduser(words[-1])
    print(f"{'Appending to' if appends else 'Overwriting' if os.path.exists(path) else 'Writing'} {path}")
    with open(path, "a" if appends else "w", encoding="utf-8") as file:
        file.write(body if body.endswith("\n") else body + "\n")


def _timeit(line: str, body: str | None, names: dict[str, Any]) -> None:
    options, words = {"n": 0, "r": 0}, line
    while found := re.match(r"-([nr]) ?(\d{1,9})(?: |$)|-[qoptcv]\S*(?: |$)", words):
        if found[1]:
            options[found[1]] = int(found[2])
        words = words[found.end() :].lstrip()
    statement, setup = (words, "pass") if body is None else (body, words or "pass")
    timer = timeit.Timer(statement, setup, globals=names)
    loops, first = (options["n"], None) if options["n"] else _loops(timer)
    slow = first is not None and first / loops > SLOW_S
    repeats = options["r"] or (SLOW_REPEATS if slow else TIMEIT_REPEATS)
    times = [each / loops for each in timer.repeat(repeats, loops)]
    print(
        f"{duration(statistics.fmean(times))} ± {duration(statistics.pstdev(times))} per loop"
        f" (mean ± std. dev. of {repeats} runs, {loops:,} loop{'s' if loops > 1 else ''} each)"
    )


def _loops(timer: timeit.Timer) -> tuple[int, float]:
    """Number of loops, a power of ten, for a moment's work, and the time that they took."""
    loops = 1
    while (taken := timer.timeit(loops)) < TIMEIT_S / 10:
        loops *= 10
    return loops, taken


def _tell_about(name: str, names: dict[str, Any], with_source: bool) -> None:
    try:
        value = eval(name, names)  # the program's own text
    except Exception:  # any error: it is not there
        print(f"Object `{name[:VALUE_CHARS]}` not found.")
        return
    try:
        print(f"Signature: {name}{inspect.signature(value)}")
    except (TypeError, ValueError):
        print(f"Type: {type(value).__name__}")
    try:
        text = inspect.getsource(value) if with_source else inspect.getdoc(value) or ""
    except (OSError, TypeError):
        text = inspect.getdoc(value) or ""
    print(
        text
        if len(text) <= INFO_CHARS
        else f"{text[:INFO_CHARS]}\n[... {len(text) - INFO_CHARS:,} characters left out]"
    )


def _tell_variables(how: str, names: dict[str, Any]) -> list[str] | None:
    mine = sorted(name for name, value in names.items() if not name.startswith("_") and not inspect.ismodule(value))
    if how == "who_ls":
        return mine
    if how == "who":
        print("  ".join(mine) or "No variables.")
        return None
    for name in mine:
        words = " ".join(repr(names[name]).split())
        print(f"{name}  {type(names[name]).__name__}  {words[:VALUE_CHARS]}")
    return None
