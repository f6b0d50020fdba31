/** Commands of the system that a program started. */
import { NETWORK_HINT } from './network.ts'
import type { FailureRule } from './rule.ts'
import { UNKNOWN_PROGRAM } from './tools.ts'

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
