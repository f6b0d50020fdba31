/** Limits that a program met: memory, processes, time, the size of files, room on disk, open files. */
import { type FailureRule, of } from './rule.ts'

/** Processes that ended for want of memory, by the kernel's own count. */
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
