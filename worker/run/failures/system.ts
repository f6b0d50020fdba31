/** Limits, signals, files and commands. */
import { type FailureRule, of } from './rule.ts'
import { NETWORK_HINT } from './network.ts'
import { UNKNOWN_PROGRAM } from './tools.ts'

/** What went down for want of memory, by the kernel's own count. */
const OUT_OF_MEMORY: FailureRule = {
  types: ['Signal', 'subprocess.CalledProcessError', 'concurrent.futures.process.BrokenProcessPool'],
  knows: ['out_of_memory'],
  kind: 'limit',
  reason: 'the machine ran out of memory, so the system killed a process of it',
  hint: 'Next: work in chunks, read only the columns you need, and start fewer processes.',
}

const MEMORY = {
  kind: 'limit',
  hint: 'Next: work in chunks, use generators, or read only the columns you need.',
} as const

export const LIMIT_FAILURES: readonly FailureRule[] = [
  OUT_OF_MEMORY,
  { types: ['MemoryLimit'], reason: 'it needed more memory than it may use', plain: true, ...MEMORY },
  {
    types: ['MemoryError', ...of('numpy', 'core._exceptions._ArrayMemoryError _core._exceptions._ArrayMemoryError')],
    knows: ['limit'],
    reason: 'it asked for more memory at once than there is; it may use {limit}',
    ...MEMORY,
  },
  { types: ['MemoryError'], reason: 'it needed more memory than it may use', ...MEMORY },
  { types: ['OSError'], errno: [12], reason: 'it needed more memory than there is; it may use {limit}', ...MEMORY },
  {
    types: ['ProcessLimit'],
    kind: 'limit',
    reason: 'it started more processes or threads than it may',
    hint: 'Next: start fewer processes or threads at once, for example with a pool of 4.',
    plain: true,
  },
  {
    types: ['RuntimeError'],
    says: ["can't start new thread"],
    kind: 'limit',
    reason: 'it started more threads than it may; all of its processes together may have {limit}',
    hint: 'Next: start fewer threads at once, for example with ThreadPoolExecutor(max_workers=8).',
  },
  {
    types: ['Timeout'],
    kind: 'limit',
    reason: 'it ran longer than it may',
  },
  {
    types: ['OSError'],
    errno: [27],
    kind: 'limit',
    reason: 'a file may not become larger than {limit}',
    hint: 'Next: write it in parts, or compressed.',
  },
  {
    types: ['Signal'],
    signals: ['SIGXFSZ'],
    kind: 'limit',
    reason: 'a file may not become larger than {limit}',
    hint: 'Next: write it in parts, or compressed.',
  },
  {
    types: ['subprocess.CalledProcessError'],
    command: { exits: ['SIGXFSZ'] },
    kind: 'limit',
    reason: 'a command that it started wrote a file that became larger than it may ({limit})',
    hint: 'Next: let it write in parts, or compressed.',
  },
  {
    types: ['OSError', 'Signal'],
    says: ['(/dev/shm is full'],
    kind: 'limit',
    reason: 'shared memory is full',
    hint: 'Next: close and unlink shared memory that is no longer needed, or use a file in the working folder.',
    plain: true,
  },
  {
    types: ['OSError'],
    errno: [28],
    knows: ['full'],
    kind: 'limit',
    reason: '{full} is full',
    hint: 'Next: delete what is not needed there, or write less at once.',
  },
  {
    types: ['OSError'],
    errno: [28, 122, 69],
    kind: 'limit',
    reason: 'the disk or the folder that it writes to is full',
    hint: 'Next: delete files that are not needed, or write less, for example compressed or in parts.',
  },
  {
    types: ['WorkspaceQuota'],
    kind: 'limit',
    reason: 'the workspace holds more than it may',
    hint: 'Next: write less at once, or delete files that are not needed.',
    plain: true,
  },
  {
    types: ['DiskFull'],
    kind: 'limit',
    reason: 'the disk is full',
    hint: 'Next: delete files that are not needed, then call again.',
    plain: true,
  },
  {
    types: ['OSError'],
    errno: [24],
    knows: ['limit'],
    kind: 'limit',
    reason: 'a program may have {limit} files and connections open at once',
    hint: 'Next: close each with "with open(…)", or open fewer at once.',
  },
  {
    types: ['OSError'],
    errno: [24, 23],
    kind: 'limit',
    reason: 'it had more files open than it may',
    hint: 'Next: close each with "with open(…)", or open fewer at once.',
  },
]

export const SYSTEM_FAILURES: readonly FailureRule[] = [
  {
    types: ['concurrent.futures.process.BrokenProcessPool'],
    kind: 'limit',
    reason: 'a worker of the pool crashed, or was killed for want of memory',
    hint: 'Next: run the work once without the pool to see an error of its own; then use fewer workers, with less data each.',
  },
  {
    types: ['Signal'],
    signals: ['SIGKILL', 'SIGXCPU'],
    kind: 'limit',
    reason: 'the system killed it, mostly for want of memory',
    hint: 'Next: if it does not kill itself, use less memory: work in chunks, and start fewer processes.',
    plain: true,
  },
  {
    types: ['Signal'],
    signals: ['SIGSEGV', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGABRT'],
    kind: 'deterministic',
    reason: 'native code in it crashed',
    hint: 'Next: import faulthandler and call faulthandler.enable() first to see where; then avoid that call, or use another version of its package.',
  },
  {
    types: ['Signal'],
    kind: 'deterministic',
    reason: 'it was ended by a signal',
    hint: 'Next: find out what sends the signal; the program may do it itself.',
  },
  {
    types: ['BlockingIOError', 'InterruptedError'],
    kind: 'transient',
    reason: 'something it needs is in use for the moment',
    hint: 'Next: call again; if it stays so, wait for the lock (without LOCK_NB), or start fewer processes at once.',
  },
  {
    types: ['FileNotFoundError'],
    says: [": '<", 'file {', 'file [', ": '{", ": '[{"],
    kind: 'deterministic',
    reason: 'the content itself was given where a path is expected',
    hint: 'Next: wrap it: io.StringIO(text), or io.BytesIO(data) for bytes.',
  },
  {
    types: ['FileNotFoundError'],
    knows: ['near_files'],
    kind: 'deterministic',
    reason: 'there is no such file, but there is {near_files}',
    hint: 'Next: use that path, if it is the one that is meant.',
  },
  {
    types: ['FileNotFoundError'],
    knows: ['no_folder'],
    kind: 'deterministic',
    reason: 'the folder {no_folder} does not exist',
    hint: 'Next: to write there, make it first with os.makedirs(…, exist_ok=True); to read, pass the file in "files", or correct the path.',
  },
  {
    types: ['FileNotFoundError'],
    knows: ['files_there', 'more_files'],
    kind: 'deterministic',
    reason: 'there is no such file; the working folder has {files_there} and {more_files} more',
    hint: 'Next: correct the path, or pass the file in "files".',
  },
  {
    types: ['FileNotFoundError'],
    knows: ['files_there'],
    kind: 'deterministic',
    reason: 'there is no such file; the working folder has {files_there}',
    hint: 'Next: correct the path, or pass the file in "files".',
  },
  {
    types: ['FileNotFoundError'],
    knows: ['no_files'],
    kind: 'deterministic',
    reason: 'the working folder has no files',
    hint: 'Next: pass the file in "files", or make it in the program first.',
  },
  {
    types: ['FileNotFoundError'],
    kind: 'deterministic',
    reason: 'a file, folder or command that it names does not exist',
  },
  {
    types: ['PermissionError'],
    errno: [13, 30],
    says: [": '/"],
    kind: 'deterministic',
    reason: 'it may not do this at that path',
    hint: 'Next: use a relative path, which is below the working folder.',
  },
  {
    types: ['PermissionError'],
    kind: 'deterministic',
    reason: 'it may not do this with that file',
  },
  {
    types: ['FileExistsError', 'IsADirectoryError', 'NotADirectoryError', 'shutil.SameFileError', 'shutil.Error'],
    kind: 'deterministic',
    reason: 'there is something else at that path than it expects',
  },
  {
    types: ['OSError'],
    errno: [98, 48],
    kind: 'deterministic',
    reason: 'the port is in use',
    hint: 'Next: bind to port 0 and ask for the number that the system chose.',
  },
  {
    types: ['OSError'],
    errno: [30],
    says: [": '/"],
    kind: 'deterministic',
    reason: 'that place cannot be written',
    hint: 'Next: use a relative path, which is below the working folder.',
  },
  {
    types: ['OSError'],
    kind: 'deterministic',
    reason: 'the system refused what it asked for',
  },
]

export const COMMAND_FAILURES: readonly FailureRule[] = [
  {
    types: ['FileNotFoundError'],
    knows: ['command_line'],
    kind: 'deterministic',
    reason: '{command_line} was taken as the name of one program',
    hint: 'Next: give the words as a list, or pass shell=True.',
  },
  UNKNOWN_PROGRAM,
  {
    types: ['subprocess.CalledProcessError'],
    command: { exits: ['SIGKILL', 137] },
    kind: 'limit',
    reason: 'a command that it started was killed, mostly for want of memory',
    hint: 'Next: give the command less to do at once.',
  },
  {
    types: ['subprocess.CalledProcessError'],
    command: { exits: [75] },
    kind: 'transient',
    reason: 'a command that it started asks to be run again (exit code 75)',
  },
  {
    types: ['subprocess.CalledProcessError'],
    command: { name: 'curl', exits: [7, 16, 18, 28, 52, 55, 56, 92] },
    kind: 'transient',
    reason: 'curl could not connect, or lost the connection',
    hint: NETWORK_HINT,
  },
  {
    types: ['subprocess.CalledProcessError'],
    command: { name: 'wget', exits: [4] },
    kind: 'transient',
    reason: 'wget met a network failure',
    hint: NETWORK_HINT,
  },
  {
    types: ['subprocess.CalledProcessError'],
    command: { exits: [126, 127] },
    kind: 'deterministic',
    reason: 'a command that it started does not exist or is not executable',
    hint: 'Next: do it in Python, or give the path of the command.',
  },
  {
    types: ['subprocess.CalledProcessError'],
    knows: ['installs', 'installer'],
    kind: 'deterministic',
    reason: 'pip could not install {installs}: {installer}',
    hint: 'Next: leave pip out: packages that a program imports are installed before it starts, and pip_install takes versions.',
  },
  {
    types: ['subprocess.CalledProcessError'],
    knows: ['said'],
    kind: 'deterministic',
    reason: 'a command that it started failed and said {said}',
    hint: 'Next: correct the command, or what it works on.',
  },
  {
    types: ['subprocess.CalledProcessError'],
    kind: 'deterministic',
    reason: 'a command that it started failed',
  },
  {
    types: ['subprocess.TimeoutExpired'],
    kind: 'deterministic',
    reason: 'a command that it started took longer than the program allows it',
  },
]
