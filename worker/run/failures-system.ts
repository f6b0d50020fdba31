/** Limits, signals, files and commands. */
import type { FailureRule } from './failure-rule.ts'
import { NETWORK_HINT } from './failures-network.ts'

export const SYSTEM_FAILURES: readonly FailureRule[] = [
  {
    types: [
      'MemoryLimit',
      'MemoryError',
      'numpy.core._exceptions._ArrayMemoryError',
      'numpy._core._exceptions._ArrayMemoryError',
    ],
    kind: 'limit',
    reason: 'it needed more memory than it may use',
    hint: 'Next: work in chunks, use generators, or read only the columns you need.',
  },
  {
    types: ['OSError'],
    errno: [12],
    kind: 'limit',
    reason: 'it needed more memory than it may use',
    hint: 'Next: work in chunks, use generators, or start fewer processes.',
  },
  {
    types: ['ProcessLimit'],
    kind: 'limit',
    reason: 'it started more processes or threads than it may',
    hint: 'Next: start fewer processes or threads at once, for example with a pool of 4.',
  },
  {
    types: ['RuntimeError'],
    says: ["can't start new thread"],
    kind: 'limit',
    reason: 'it started more threads than it may',
    hint: 'Next: start fewer threads at once, for example with a pool of 4.',
  },
  {
    types: ['Timeout'],
    kind: 'limit',
    reason: 'it ran longer than it may',
    hint: 'Next: pass a larger timeout, or do less in one call.',
  },
  {
    types: ['OSError'],
    errno: [28, 122, 69, 27],
    kind: 'limit',
    reason: 'the disk, or the allowed size of a file, is full',
    hint: 'Next: delete files that are not needed, or write less, for example compressed or in parts.',
  },
  {
    types: ['WorkspaceQuota'],
    kind: 'limit',
    reason: 'the workspace holds more than it may',
    hint: 'Next: delete files that are not needed, or write less, then call again.',
  },
  {
    types: ['DiskFull'],
    kind: 'limit',
    reason: 'the disk is full',
    hint: 'Next: delete files that are not needed, then call again.',
  },
  {
    types: ['OSError'],
    errno: [24, 23],
    kind: 'limit',
    reason: 'it had more files open than it may',
    hint: 'Next: close files with "with open(…)", or open fewer at once.',
  },
  {
    types: ['concurrent.futures.process.BrokenProcessPool'],
    kind: 'limit',
    reason: 'a process of the pool was ended from outside, mostly for want of memory',
    hint: 'Next: use fewer worker processes, and give each less data.',
  },
  {
    types: ['Signal'],
    signals: ['SIGKILL', 'SIGXCPU', 'SIGXFSZ'],
    kind: 'limit',
    reason: 'the system killed it, mostly for want of memory',
    hint: 'Next: use less memory: work in chunks, and start fewer processes.',
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
    hint: 'Next: if it stays so, wait for the lock (without LOCK_NB), or start fewer processes at once.',
  },
  {
    types: ['FileNotFoundError'],
    kind: 'deterministic',
    reason: 'a file, folder or command that it names does not exist',
    hint: 'Next: list what is there with os.listdir("."); paths are relative to the working folder, and folders must be made first.',
  },
  {
    types: ['PermissionError'],
    kind: 'deterministic',
    reason: 'it may not do this with that file',
    hint: 'Next: write below the working folder, with a relative path.',
  },
  {
    types: ['FileExistsError', 'IsADirectoryError', 'NotADirectoryError', 'shutil.SameFileError', 'shutil.Error'],
    kind: 'deterministic',
    reason: 'there is something else at that path than it expects',
    hint: 'Next: look with os.path.isdir and os.path.isfile first; os.makedirs(…, exist_ok=True) makes folders.',
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
    kind: 'deterministic',
    reason: 'the system refused what it asked for',
    hint: 'Next: the number and the words of the error say what; check path, name and arguments.',
  },
]

export const COMMAND_FAILURES: readonly FailureRule[] = [
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
    hint: 'Next: if it stays so, run the command with capture_output=True and print its stderr.',
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
    hint: 'Next: look with shutil.which(name), or do it in Python.',
  },
  {
    types: ['subprocess.CalledProcessError'],
    says: ['pip'],
    kind: 'deterministic',
    reason: 'pip failed',
    hint: 'Next: do not call pip: missing imports are installed before the program starts, and pip_install takes versions.',
  },
  {
    types: ['subprocess.CalledProcessError'],
    kind: 'deterministic',
    reason: 'a command that it started failed',
    hint: 'Next: run it with capture_output=True, text=True, and print stdout and stderr to see why.',
  },
  {
    types: ['subprocess.TimeoutExpired'],
    kind: 'deterministic',
    reason: 'a command that it started took longer than the program allows it',
    hint: 'Next: give subprocess.run a larger timeout (and this call as well), or the command less to do.',
  },
]
