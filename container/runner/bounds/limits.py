"""Every bound of the runner, each with its unit; `Limits` are those that a request may choose."""

from __future__ import annotations

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB


@dataclass(frozen=True)
class Limits:
    """Limits of one program. Field names are those of the wire protocol."""

    memory_bytes: int = 2 * GIB  # resident, the whole tree
    processes: int = 256  # the whole tree
    open_files: int = 1024  # each process
    file_bytes: int = 1 * GIB  # each file
    output_bytes: int = 10 * MIB  # stdout and stderr together
    workspace_bytes: int = 4 * GIB  # all that the workspace keeps on disk, whoever stored it

    def as_json(self) -> dict[str, int]:
        return dict(vars(self))


# An installer's memory and space are those of a program; unpacking and compiling needs more of the rest.
INSTALLER_PROCESSES, INSTALLER_OPEN_FILES, INSTALLER_FILE_BYTES = 512, 4096, 16 * GIB

LIMIT_RANGES = {
    "memory_bytes": (1 * MIB, 1024 * GIB),
    "processes": (1, 100_000),
    "open_files": (16, 1_000_000),
    "file_bytes": (0, 1024 * GIB),
    "output_bytes": (0, 1 * GIB),
    "workspace_bytes": (1 * MIB, 1024 * GIB),
}

INTERPRETER_BYTES = 10 * MIB  # of memory, for one that does nothing: part of a program's reported use

# Threads cost the machine what processes cost it; numpy and thread pools need far more of them than of
# processes.
THREADS_PER_PROCESS_LIMIT = 16
KEPT_THREADS = 256  # of those that the container may have: for the runner and the other processes in it

TIMEOUT_S = 50.0
TIMEOUT_RANGE_S = (0.1, 900.0)
ORPHAN_GRACE_S = 30.0
ORPHAN_GRACE_RANGE_S = (0.0, 900.0)
INSTALL_TIMEOUT_S = 300.0
INSTALL_TIMEOUT_RANGE_S = (1.0, 3600.0)
START_TIMEOUT_S = 15.0  # a client waits for 20 s
OWN_MEMORY = 1.25  # of a program's memory limit: the size of its /dev/shm, which counts as memory
SHARED_SAID = 0.1  # of the limit: from there on files in /dev/shm are part of the cause
OWN_MEMORY_FILES = 65_536  # in it: each takes the kernel a KiB that nobody counts
TERM_GRACE_S = 0.5  # between TERM and KILL
# Programs yield to their watchers. With a user of their own, as in a container, nothing else waits for a processor;
# else they share it with the work of the machine's user.
NICE_OWN_USER, NICE = 19, 5
GROWS_S = 1.0  # without a further process: a tree of processes has stopped growing
WATCH_INTERVAL_S = 0.05  # between two looks at the memory and the processes of a tree
# Between two samples of what a program uses: at least so long, and this part of its time until then. They are told
# together.
SAMPLE_S, SAMPLE_PART, TELL_SAMPLES_S = 0.5, 0.02, 2.0

UNFETCHED_S = 45.0  # a runner that leaves waits so long, with nothing live, for its client to fetch the changes
LEAVING_LOOK_S = 0.1
LEAVING_LAST_S = 0.5  # for the last answer to arrive
READ_OUT_S = 2.0  # for the readers of runs that the runner has ended to read their end

LIVE_RUNS = 64
REMEMBERED_RUNS = 32  # ended ones, each workspace
REMEMBERED_RUNS_TOTAL = 512  # each holds a descriptor of its log
REMEMBERED_S = 600.0

HEAD_BYTES = 64 * KIB  # request line and headers
CHUNK_LINE_BYTES = 4 * KIB  # a chunk's size and its extensions
JSON_BODY_BYTES = 32 * MIB
CODE_BYTES = 4 * MIB
ENV_BYTES = 64 * KIB
WRITE_BUFFER_BYTES = 256 * KIB  # most bytes that a slow client may owe before its cursor waits
IDLE_CONNECTION_S = 120.0
DISCARD_BYTES = 128 * MIB  # of a refused body, read so that its client gets to see the refusal
DISCARD_S = 30.0
LINGER_S = 2.0  # for a client to close that has been told the fault of its connection

PIPE_BYTES = 1 * MIB
READ_BYTES = 256 * KIB
BATCH_BYTES = 32 * KIB
QUIET_S = 0.0005  # a `print` without a buffer is two writes: the second gets this long to come
BATCH_S = 0.005
FLOOD_BYTES = 8 * KIB  # of a stream, in BATCH_S
FLOOD_RANGE_S = (0.001, 0.02)  # instead of BATCH_S
TAIL_BYTES = 64 * KIB
HEARTBEAT_S = 1.0
REPORT_BYTES = 16 * KIB

SCAN_ENTRIES = 20_000
SCAN_S = 1.0
SCAN_DEPTH = 32
WATCHED_FOLDERS = 2_000  # of one workspace; the kernel may give 8,192 to all programs of a user
WATCHED_WORKSPACES = 200
WATCHED_NAMES = 20_000  # of a workspace that have changed; with more, everything is looked at
WATCHED_ENTRIES = 50_000  # of all workspaces: what is known of a file takes some 400 bytes
FILE_EVENTS = 1_000
FILE_CLOCK_NS = 20_000_000  # most by which a file system's clock may lag behind
LISTED_FILES = 5_000
LISTED_UPLOADS = 100  # unfinished ones
UPLOAD_S = 86_400.0  # without a further piece: then what has come of a file is removed

DISK_RESERVE_BYTES = 32 * MIB  # of the disk under a workspace: records of runs and the server's own state need it

# Looks at the space of a workspace.
SPACE_ENTRIES = 500_000
SPACE_S = 2.0
SPACE_INTERVAL_S = 1.0  # between two looks while a program runs
SPACE_PAUSES = 20  # times as long as a look took, before the next one
SPACE_CHEAP_S = 0.05  # a look that took no longer is made again whenever somebody asks
SPACE_UNNOTICED_S = 0.003  # or no longer than this, while the disk shows that there is room
INSTALLING_QUOTAS = 1.5  # while an installer needs its downloads beside what it has unpacked
SPACE_PACKAGES_S = 60.0  # only installations change packages: they are looked at anew so seldom
# A program that begins in a full workspace can read and delete.
FULL_FILE_BYTES = 4 * KIB  # each file that it may write: one block, as a lock needs
FULL_GROWTH_BYTES = 16 * MIB  # all of them together
LISTED_PACKAGES = 500

# Kept outputs of runs; a session keeps as many runs, for as long.
OUTPUTS_KEPT = 200
OUTPUTS_S = 30 * 86_400.0
OUTPUTS_BYTES = 1 * GIB  # together
UNUSED_H = 24.0  # temporary files that nobody has used for so long are removed
CLEAN_S = 2.0
TIDY_S = 60.0  # between two such cleanings of a workspace

# Files outside the working folder that the output names.
NAMED_CHARS = 128 * KIB  # of the beginning, and of the end, of each stream
NAMED_PLACES = 100
NAMED_PATH_CHARS = 1024
NAMED_ENDS = 16
OUTSIDE_FILES = 10
OUTSIDE_BYTES = 50 * MIB  # together

# A picture is made smaller by a process of its own: these bound the cost of a bomb of a picture.
PICTURE_BYTES_RANGE = (1_000, 10_000_000)  # of the result
PICTURE_SOURCE_BYTES = 100 * MIB
PICTURE_TIMEOUT_S = 5.0
PICTURES_AT_ONCE = 2
PICTURE_LIMITS = Limits(memory_bytes=1 * GIB, processes=16, open_files=256, file_bytes=64 * MIB)

ARCHIVE_BYTES = 64 * GIB  # compressed, of one that is brought back
ARCHIVE_ENTRIES = SPACE_ENTRIES  # of one that is made

SPECS = 50
SPEC_CHARS = 200
FULL_SERVERS = 4
FULL_SERVER_IDLE_S = 900.0  # without a program that it could start, it ends
REAP_S = 1.0  # from one look for ended ones to the next, while there are any to come


def words(size: float) -> str:
    """A number of bytes in words: `2 GiB`, `1.5 MiB`, `300 bytes`."""
    for unit, name in ((GIB, "GiB"), (MIB, "MiB"), (KIB, "KiB")):
        if size >= unit:
            return f"{size / unit:.2f}".rstrip("0").rstrip(".") + f" {name}"
    return f"{size} bytes"
