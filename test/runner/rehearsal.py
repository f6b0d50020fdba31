"""Prints what a program sees in two forks of one process: one that was rehearsed, as those that become programs are, and
one that was not."""

import gc
import os
import socket
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "container"))
from runner.program import child
from runner.start.forkserver import become
from runner.start.forkserver.__main__ import preload
from runner.start.modules import STANDARD


def seen(program: Path, rehearse: bool) -> bytes:
    out, err = tempfile.TemporaryFile(), tempfile.TemporaryFile()
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        for fd, target in ((theirs.fileno(), become.REPORT_FD), (out.fileno(), 1), (err.fileno(), 2)):
            os.dup2(fd, target)
        os.closerange(3, become.REPORT_FD)
        if rehearse:
            become.rehearse()
        os.environ.clear()
        os.environ.update({"LANG": "C.UTF-8"})
        os.chdir(program.parent)
        child.become_program(str(program), None, become.REPORT_FD, "never")
    os.waitpid(pid, 0)
    for file in (out, err):
        file.seek(0)
    if said := err.read():
        sys.exit(said.decode())
    return out.read()  # an object of its own would be seen by the next one


if __name__ == "__main__":
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    preload(STANDARD, None)
    child.get_forks_ready()
    gc.collect()
    gc.freeze()
    given = Path(sys.argv[1]).absolute()
    seen(given, False)  # the first one sees less of this process
    for rehearse in (False, True):
        sys.stdout.buffer.write(seen(given, rehearse))
