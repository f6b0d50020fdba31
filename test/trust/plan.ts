/** Which process is harmed when, drawn from a seed: the same seed gives the same plan. */

/** What can be harmed. */
export const TARGETS = [
  'start script',
  'runtime',
  'workerd',
  'container',
  'supervisor',
  'runner',
  'checker',
  'fork server',
  'monitor',
  'program',
  'client',
] as const
export type Target = (typeof TARGETS)[number]

export function isTarget(text: string): text is Target {
  return TARGETS.some((target) => target === text)
}

export interface Kill {
  target: Target
  /** SIGSTOP is followed by SIGCONT after `stopMs`. */
  signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP'
  stopMs: number
  /** Since the one before. */
  pauseMs: number
  /** Which of the processes of this kind: from 0 to 1, without 1. */
  pick: number
}

/** How often, of the sum of all: killing the first two or the runner ends the server, so that a start is part of it. */
const WEIGHTS: readonly [Target, Kill['signal'], number][] = [
  ['start script', 'SIGKILL', 2],
  ['start script', 'SIGSTOP', 2],
  ['runtime', 'SIGKILL', 2],
  ['runtime', 'SIGSTOP', 4],
  ['workerd', 'SIGKILL', 16],
  ['workerd', 'SIGSTOP', 8],
  ['runner', 'SIGKILL', 3],
  ['runner', 'SIGSTOP', 9],
  ['checker', 'SIGKILL', 6],
  ['checker', 'SIGSTOP', 3],
  ['fork server', 'SIGKILL', 10],
  ['fork server', 'SIGSTOP', 6],
  ['monitor', 'SIGKILL', 12],
  ['monitor', 'SIGSTOP', 6],
  ['program', 'SIGKILL', 7],
  ['program', 'SIGSTOP', 3],
  ['client', 'SIGKILL', 8],
  ['client', 'SIGSTOP', 2],
]
/** With containers; what happens in them is most of it. */
const WEIGHTS_WITH_CONTAINERS: readonly [Target, Kill['signal'], number][] = [
  ['workerd', 'SIGKILL', 6],
  ['workerd', 'SIGSTOP', 4],
  ['runtime', 'SIGKILL', 1],
  ['container', 'SIGKILL', 16],
  ['container', 'SIGTERM', 12],
  ['container', 'SIGSTOP', 12],
  ['supervisor', 'SIGKILL', 4],
  ['runner', 'SIGKILL', 10],
  ['runner', 'SIGSTOP', 6],
  ['checker', 'SIGKILL', 3],
  ['fork server', 'SIGKILL', 7],
  ['monitor', 'SIGKILL', 8],
  ['program', 'SIGKILL', 6],
  ['program', 'SIGSTOP', 2],
  ['client', 'SIGKILL', 6],
]
const LONGEST_PAUSE_MS = 1_500
const LONGEST_STOP_MS = 3_000
/** Some stops last longer than the 20 s that the runner waits for a program to start. */
const LONG_STOP_MS = 24_000
const LONG_STOPS = 0.06

/** `only`: the one kind of process that is harmed. `containers`: programs run in containers. */
export function planOf(seed: number, kills: number, only?: Target, containers = false): Kill[] {
  const next = randomNumbers(seed)
  const all = containers ? WEIGHTS_WITH_CONTAINERS : WEIGHTS
  const weights = all.filter(([target]) => only === undefined || target === only)
  const total = weights.reduce((sum, [, , weight]) => sum + weight, 0)
  return Array.from({ length: kills }, () => {
    let at = next() * total
    const [target, signal] = weights.find(([, , weight]) => (at -= weight) < 0)!
    const stopMs = next() < LONG_STOPS ? LONG_STOP_MS : Math.round(next() * LONGEST_STOP_MS)
    return { target, signal, stopMs, pauseMs: Math.round(next() * LONGEST_PAUSE_MS), pick: next() }
  })
}

/** Numbers from 0 to 1, without 1 (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const LETTERS = 'ghijkmnpqrstvwxz'

/** A number below 65,536 as four letters: learnings count numbers as equal. */
export function lettersOf(number: number): string {
  return number
    .toString(16)
    .padStart(4, '0')
    .replaceAll(/[0-9a-f]/g, (digit) => LETTERS[parseInt(digit, 16)]!)
}
