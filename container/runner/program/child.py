"""Becomes the user's program: in a forked process (`become_program`) or in a new interpreter (plain.py). It
imports nothing of the runner, since in a new interpreter it stands alone."""

from __future__ import annotations

import atexit
import builtins
import gc
import importlib
import io
import itertools
import json
import os
import select
import signal
import site
import stat
import sys
import threading
import time
import types

TYPE_CHECKING = False  # as typing's, whose import would cost every start
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from typing import Any, TextIO

OWN_FOLDER = os.path.join(os.path.dirname(__file__), "")
FOR_PROGRAMS = os.path.join(OWN_FOLDER, "for_programs")
# Files of ours that a program's interpreter may need. None is a module: a program finds no module of ours.
LOADED_FILES = (
    "prepare.py awaiting.py hidden_program.py"
    " shown/shown.py shown/last_value.py shown/last_table.py"
    " notebook/cell.py notebook/install_command.py notebook/detection.py"
    " notebook/shell.py notebook/magics.py notebook/ipython_display.py"
    " failure/facts.py failure/data_facts.py"
).split()
# Files among these that every program needs: they are executed ahead.
EVERY_FILES = ("prepare.py", "hidden_program.py")
_code: dict[str, types.CodeType] = {}
_executed: dict[str, dict[str, Any]] = {}  # each is taken once
_last_module = ""  # the last one that the fork server imported
REHEARSED = "value = len(str([1]))\nvalue\n"
# Modules of libraries that show things, and the file of ours that keeps what they show.
SHOWING = {
    "matplotlib.font_manager": "shown/fonts.py",
    "matplotlib.pyplot": "shown/figures.py",
    "matplotlib.animation": "shown/figures.py",
    "PIL.ImageShow": "shown/windows.py",
    "cv2": "shown/windows.py",
    "pygame": "shown/windows.py",
    "plotly.io": "shown/pages.py",
    "altair": "shown/pages.py",
    "bokeh.io.util": "shown/pages.py",
    "bokeh.io.output": "shown/pages.py",
    "webbrowser": "shown/pages.py",
}
SENDS = ("connect", "connect_ex", "sendto", "sendmsg")  # uses of a socket that reach others
REPORT_BYTES = 16 * 1024  # as limits.REPORT_BYTES, which cannot be imported here
QUIET_QUESTION = b"?"  # as in report_channel.py
QUIET_ANSWER_MS = 10_000
MESSAGE_CHARS = 2000
FRAME_LINES = 2  # on either side of the failing one
FRAME_LINE_CHARS = 400
WRITERS: tuple[type[io.IOBase], ...] = (io.TextIOWrapper, io.BufferedWriter, io.BufferedRandom)


def become_program(main_file: str, packages: str | None, report_fd: int, show_last: str) -> None:
    """Runs the program in a forked interpreter and ends the process as an interpreter would."""
    arrange_path(os.getcwd(), packages)
    _renew_interpreter()
    _open_streams()
    code = _run(main_file, report_fd, show_last)
    _end_process(code)


def arrange_path(cwd: str | None, packages: str | None) -> None:
    """Sets sys.path: the working folder, the standard library, our pip and the packages that it installs for this
    program, the workspace's packages, then the base's packages."""
    own = os.environ.get("RUN_PACKAGES", "").partition(os.pathsep)[2]
    ahead = [entry for entry in (FOR_PROGRAMS if own else "", own, packages) if entry]
    path = [entry for entry in sys.path if entry not in ahead]
    sites = set(site.getsitepackages())
    place = next((i for i, entry in enumerate(path) if entry in sites), len(path))
    path[place:place] = ahead
    sys.path[:] = ([cwd] if cwd else []) + path
    sys.path_importer_cache.clear()  # with it goes what the import system knows of folders
    if packages:
        site.addsitedir(packages)  # it is on the path already: this reads its .pth files


def _renew_interpreter() -> None:
    """Renews the state that a fork shares with its siblings and a new interpreter would not."""
    gc.enable()
    sys.dont_write_bytecode = True
    if "tempfile" in sys.modules:
        vars(sys.modules["tempfile"])["tempdir"] = None
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed()
    if "multiprocessing.process" in sys.modules:
        process = sys.modules["multiprocessing.process"]
        vars(process)["ORIGINAL_DIR"] = os.getcwd()
        process.current_process().authkey = os.urandom(32)


def _open_streams() -> None:
    """Opens the streams as `python -u` does, so that every print is seen at once."""
    for name, stream in zip(("stdin", "stdout", "stderr"), _streams(0, 1, 2), strict=True):
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _streams(stdin: int, stdout: int, stderr: int) -> list[io.TextIOWrapper]:
    raw = io.FileIO(stdin, "rb", closefd=False)
    streams: list[io.TextIOWrapper] = [io.TextIOWrapper(io.BufferedReader(raw), "utf-8", "surrogateescape")]
    raw.name = "<stdin>"
    for name, fd, errors in (("stdout", stdout, "surrogateescape"), ("stderr", stderr, "backslashreplace")):
        raw = io.FileIO(fd, "wb", closefd=False)
        raw.name = f"<{name}>"
        stream = io.TextIOWrapper(raw, "utf-8", errors, newline="\n", write_through=True)
        stream.mode = "w"  # pyright: ignore[reportAttributeAccessIssue]  # read-only to typeshed; `open` sets it as well
        streams.append(stream)
    return streams


def _run(main_file: str, report_fd: int, show_last: str) -> int:
    """Runs the program as __main__; returns its exit code, or a negative signal number to die of."""
    pipe = os.fstat(report_fd)
    outputs = os.path.join(os.getcwd(), ".outputs", os.path.basename(os.path.dirname(main_file)))
    if os.path.islink(main_file):
        main_file = os.readlink(main_file)  # in the working folder, see program_file.py
        _load("hidden_program.py")["hide"]()
    sys.argv[:] = [main_file]
    sys.orig_argv = [sys.executable, main_file]
    main = types.ModuleType("__main__")
    main.__dict__.update(
        __file__=main_file,
        __builtins__=builtins,
        __spec__=None,
        __loader__=None,
        __package__=None,
        __cached__=None,
    )
    sys.modules["__main__"] = main
    if "__mp_main__" in sys.modules:
        sys.modules["__mp_main__"] = main  # multiprocessing, loaded ahead, took the fork server's
    with open(main_file, "rb") as file:
        source = file.read()
    _notice_imports(outputs)
    program, value = None, None
    try:
        prepare = _load("prepare.py")["prepare"]
        program = prepare(main, source, show_last, lambda: _is_quiet(report_fd, pipe), outputs, _load)
        if program.awaiting:
            value = program.awaiting()
        else:
            for part in program.parts:
                value = eval(part, main.__dict__)
        program.finish(value)
        return 0
    except BaseException as error:
        if program:
            program.fail()
        _strip_own_frames(error)
        _send_report(error, main_file, source, report_fd, pipe)
        return _exit_code(error)


def _is_quiet(report_fd: int, pipe: os.stat_result) -> bool:
    """Returns whether nothing was printed on stdout and no file changed. The runner knows; false when it does not
    answer."""
    for stream in (sys.stdout, sys.stderr):
        _flushed(stream)
    try:
        if not _is_ours(report_fd, pipe):
            return False
        os.write(report_fd, QUIET_QUESTION)
        answer = select.poll()
        answer.register(report_fd, select.POLLIN)
        return bool(answer.poll(QUIET_ANSWER_MS)) and os.read(report_fd, 1) == b"y"
    except OSError:
        return False  # the program has closed it


def _notice_imports(folder: str) -> None:
    sys.meta_path.insert(0, _ImportNotice(folder))


class _ImportNotice:
    """Finds nothing, but notices the imports of libraries that show things, and of socket, each once."""

    def __init__(self, folder: str) -> None:
        self.waiting: set[str] = set()
        self._folder = folder
        self._began = time.time()
        self._shown: Any = None
        for name in (*SHOWING, "socket"):
            if name in sys.modules:
                self.patch(sys.modules[name], name)
            else:
                self.waiting.add(name)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: types.ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in self.waiting:
            return None
        self.waiting.discard(name)
        import importlib.util

        spec = importlib.util.find_spec(name)
        if spec is None or spec.loader is None:
            self.waiting.add(name)  # it may be installed later
            return spec
        execute = spec.loader.exec_module

        def exec_module(module: types.ModuleType) -> None:
            try:
                execute(module)
            except BaseException:
                self.waiting.add(name)
                raise
            self.patch(module, name)

        spec.loader.exec_module = exec_module
        return spec

    def patch(self, module: types.ModuleType, name: str) -> None:
        if name == "socket":
            _notice_connections(module)
            return
        try:
            if self._shown is None:
                self._shown = _load("shown/shown.py")["Shown"](self._folder, self._began)
            _load(SHOWING[name])["PATCHES"][name](module, self._shown)
        except Exception:
            return  # another version of the library, or another module of its name: it stays as it is


_connected: list[bool] = []  # not empty: a socket of this process was used to reach somebody


class _SendMethod:
    """A method of sockets. Taking it from a socket means that somebody is about to be reached. It adds no frame to
    a traceback, and costs nothing more, unlike an audit hook, which would slow every `id()`."""

    def __init__(self, method: Any, local: int) -> None:
        self._method = method
        self._local = local

    def __get__(self, holder: Any, owner: type | None = None) -> Any:
        if holder is None:
            return self._method
        if not _connected and holder.family != self._local:
            _connected.append(True)
        return self._method.__get__(holder, owner)


def _notice_connections(module: types.ModuleType) -> None:
    try:
        kind, local = module.socket, int(module.AF_UNIX)
        for name in SENDS:
            setattr(kind, name, _SendMethod(getattr(kind, name), local))
    except Exception:
        return  # another module of its name: it stays as it is


def get_forks_ready() -> None:
    """Does the common work of all forks of this process, which imports nothing afterwards: they need neither read
    nor compile our files, and find none of the runner's modules."""
    global _last_module
    import ast

    for name in {*LOADED_FILES, *SHOWING.values()}:
        _code[name] = _compiled(name)
    for name in EVERY_FILES:
        _executed[name] = _load(name)
    ast.parse("0")  # makes the types of the syntax tree
    for name in [name for name in sys.modules if name == "runner" or name.startswith("runner.")]:
        del sys.modules[name]
    importlib.invalidate_caches()
    sys.path_importer_cache.clear()
    _last_module = next(reversed(sys.modules))


def _compiled(name: str) -> types.CodeType:
    with open(OWN_FOLDER + name, "rb") as file:
        return compile(file.read(), OWN_FOLDER + name, "exec", dont_inherit=True)


def rehearse() -> None:
    """Does in a fork what its program will need, before there is one, and leaves nothing of it. What a fork shares is
    copied when it is first used, and that takes most of a start."""
    import ast

    gc.disable()  # a collection is counted
    for source in (REHEARSED, ast.parse(REHEARSED, "rehearsed.py")):
        exec(compile(source, "rehearsed.py", "exec", dont_inherit=True), {"__name__": "rehearsed"})
    file = os.open(os.devnull, os.O_RDWR)
    for stream in _streams(file, file, file):
        if stream.writable():
            stream.write("1\n")
        stream.flush()
    os.close(file)
    site.getsitepackages()
    for thing in gc.get_objects():
        if isinstance(thing, WRITERS):
            _flushed(thing)
    gc.enable()


def _load(name: str) -> dict[str, Any]:
    """The names that one of our files defines, anew each time."""
    if name in _executed:
        return _executed.pop(name)
    names: dict[str, Any] = {"__name__": f"runner_{os.path.basename(name)[:-3]}", "__file__": OWN_FOLDER + name}
    exec(_code.get(name) or _compiled(name), names)
    return names


def _strip_own_frames(error: BaseException) -> None:
    """Takes the frames of the runner's code out of the traceback: those that lead to the program, those below it,
    and those of the event loop, for a program that awaits."""
    first = last = None
    trace = error.__traceback__
    while trace:
        if not _is_own(trace):
            if last:
                last.tb_next = trace
            first, last = first or trace, trace
        trace = trace.tb_next
    if last:
        last.tb_next = None
    while first and first.tb_next and f"{os.sep}asyncio{os.sep}" in first.tb_frame.f_code.co_filename:
        first = first.tb_next
    error.__traceback__ = first


def _is_own(trace: types.TracebackType) -> bool:
    return trace.tb_frame.f_code.co_filename.startswith(OWN_FOLDER)


def _exit_code(error: BaseException) -> int:
    """Handles an uncaught exception as the interpreter does: prints it, and chooses the exit code."""
    if isinstance(error, SystemExit):
        code = error.code
        if code is None:
            return 0
        if isinstance(code, int):
            return code & 0xFF
        print(code, file=sys.stderr)
        return 1
    sys.last_type, sys.last_value, sys.last_traceback = type(error), error, error.__traceback__
    try:
        sys.excepthook(type(error), error, error.__traceback__)
    except SystemExit as exit_in_hook:
        return _exit_code(exit_in_hook)
    except BaseException as second:
        print("Error in sys.excepthook:", file=sys.stderr)
        sys.__excepthook__(type(second), second, second.__traceback__)
        print("\nOriginal exception was:", file=sys.stderr)
        sys.__excepthook__(type(error), error, error.__traceback__)
    return -signal.SIGINT if isinstance(error, KeyboardInterrupt) else 1


def _send_report(error: BaseException, main_file: str, source: bytes, report_fd: int, pipe: os.stat_result) -> None:
    """Reports the known facts about the cause to the runner. It believes them for that only; the exit code decides."""
    if isinstance(error, SystemExit) and not error.code:
        return
    try:
        report = _report(error, main_file, source)
        data = json.dumps(report, ensure_ascii=False).encode("utf-8", "replace")
        for part in ("facts", "frame"):
            if len(data) > REPORT_BYTES:
                report[part] = None
                data = json.dumps(report, ensure_ascii=False).encode("utf-8", "replace")
        if len(data) <= REPORT_BYTES and _is_ours(report_fd, pipe):
            os.write(report_fd, data)
    except Exception:
        # A broken __str__, a closed descriptor, no memory: the traceback on stderr is still printed.
        return


def _is_ours(report_fd: int, first: os.stat_result) -> bool:
    """Returns whether the descriptor is still ours: the program may have put another in its place."""
    now = os.fstat(report_fd)
    return stat.S_ISSOCK(now.st_mode) and now.st_ino == first.st_ino


def _report(error: BaseException, main_file: str, source: bytes) -> dict[str, Any]:
    kind = type(error)
    built_in = kind.__module__ in ("builtins", "__main__")
    line = None
    trace = error.__traceback__
    while trace:
        if trace.tb_frame.f_code.co_filename == main_file:
            line = trace.tb_lineno
        trace = trace.tb_next
    if isinstance(error, SyntaxError) and error.filename == main_file:
        line = error.lineno
    if isinstance(error, SystemExit):
        message = error.code if isinstance(error.code, str) else f"sys.exit({error.code!r})"
    elif isinstance(error, SyntaxError):
        message = error.msg
    else:
        message = _words(error)
    report: dict[str, Any] = {
        "type": kind.__qualname__ if built_in else f"{kind.__module__}.{kind.__qualname__}",
        "message": message[:MESSAGE_CHARS],
        "line": line,
        "frame": None,
    }
    if line:
        report["frame"] = frame_around(source.decode("utf-8", "replace").split("\n"), line)
    if isinstance(error, ModuleNotFoundError) and error.name:
        report["module"] = error.name
    if _connected:
        report["connected"] = True
    if facts := _facts(error, source):
        report["facts"] = facts
    return report


def _facts(error: BaseException, source: bytes) -> dict[str, Any] | None:
    try:
        return _load("failure/facts.py")["known"](error, source, _load("failure/data_facts.py")["LOOKS"])
    except Exception:
        return None  # no file can be opened, or there is no memory: the report says the rest


def _words(error: BaseException) -> str:
    try:
        return f"{error}"
    except Exception:
        return "<exception str() failed>"  # as the interpreter prints it


def frame_around(lines: list[str], line: int) -> str:
    """Up to five source lines around `line` (from 1), the failing one marked."""
    if lines and not lines[-1]:
        lines = lines[:-1]
    first, last = max(1, line - FRAME_LINES), min(len(lines), line + FRAME_LINES)
    width = len(str(last))
    return "\n".join(
        f"{'>' if number == line else ' '} {number:>{width}} | " + lines[number - 1].rstrip()[:FRAME_LINE_CHARS]
        for number in range(first, last + 1)
    )


def _end_process(code: int) -> None:
    """Ends the process as an interpreter does, as far as a program can notice, without the cost of tearing down the
    rest."""
    try:
        _join_threads()
    except BaseException as error:
        _strip_own_frames(error)
        sys.excepthook(type(error), error, error.__traceback__)
    _run_exit_functions()
    _drop_program_modules()
    if not all(map(_flushed, (sys.stdout, sys.stderr))):
        code = code or 120  # as the interpreter's own end does
    if code < 0:
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code & 0xFF)


def _join_threads() -> None:
    """Waits for the threads that are not daemons."""
    threading._shutdown()  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]  # no public name


def _run_exit_functions() -> None:
    atexit._run_exitfuncs()  # pyright: ignore[reportPrivateUsage]  # there is no public one


def _drop_program_modules() -> None:
    """Writes all that the program left open, and runs its __del__ methods. The files come first: those in a cycle
    of references would be closed from the inside out, and lose their unwritten data."""
    for thing in gc.get_objects():
        if isinstance(thing, WRITERS):
            _flushed(thing)
    sys.last_type = sys.last_value = sys.last_traceback = None
    first: object = sys.path[0] if sys.path else None  # the program may have put anything there
    local = first + os.sep if isinstance(first, str) else os.sep
    # Modules that the fork server has imported stay, and are not even looked at: a look would copy their memory.
    imported = list(itertools.takewhile(lambda name: name != _last_module, reversed(sys.modules)))
    sys.modules.pop("__main__", None)
    for name in reversed(imported):
        if str(getattr(sys.modules.get(name), "__file__", None) or "").startswith(local):
            sys.modules.pop(name, None)
    gc.collect()


def _flushed(stream: TextIO | io.IOBase | None) -> bool:
    """Flushes; false when something is left that cannot be written."""
    try:
        if stream is not None and not stream.closed:
            stream.flush()
    except Exception:
        return False
    return True


def run_in_new_interpreter(main_file: str, packages: str | None, report_fd: int, show_last: str) -> None:
    """Runs the program in an interpreter that was started for it, whose own end then follows."""
    os.set_inheritable(report_fd, False)
    arrange_path(os.getcwd(), packages)
    code = _run(main_file, report_fd, show_last)
    if code < 0:
        signal.signal(-code, signal.SIG_DFL)
        _join_threads()
        _run_exit_functions()
        os.kill(os.getpid(), -code)
    sys.exit(code)
