/** A failure that was followed by a success of the same objective, as the draft of a learning: the error and the lines that changed. */
import { clean, cut } from '../text/clean.ts'
import { LIMITS, type NewLearning, storableText } from './learning.ts'
import type { ErrorFacts } from './fingerprint.ts'

/** Characters of a program that are kept for comparison with the one that works. */
const MAX_PROGRAM = 16_000
/** Characters of an error that are kept. */
const MAX_ERROR = 500
const MAX_DIFF_LINES = 12
const MAX_DIFF_LINE = 160
/** Lines on either side of a change that are compared exactly; larger ones are shown as removed and added. */
const MAX_COMPARED_LINES = 200
/** Most drafts from one success. */
const MAX_DRAFTS = 3

export interface FailedAttempt {
  run_id: string
  /** `Type: message`, see `errorText`. */
  error: string
  fingerprint: string | null
  /** See `programText`. */
  program: string
  /** Set when it was shown a learning, which has just helped. */
  helped: boolean
}

export interface Draft {
  texts: NewLearning
  fingerprint: string | null
  objective: string
}

/** An error as it is stored. */
export function errorText({ type, message }: Pick<ErrorFacts, 'type' | 'message'>): string {
  return storableText(message === '' ? type : `${type}: ${message}`, MAX_ERROR)
}

/** A program as it is stored. */
export function programText(code: string): string {
  return storableText(code, MAX_PROGRAM)
}

/**
 * Drafts from the failed attempts of an objective, oldest first, and the program that worked in the end. That one alone is known to have solved
 * them: an attempt that failed differently may have ended before it came as far. Of attempts with one error the last is compared. An unchanged
 * program teaches nothing, nor does a failure whose solution a learning knew.
 */
export function draftsFrom(attempts: FailedAttempt[], objective: string, worked: string): Draft[] {
  const drafts: Draft[] = []
  attempts.forEach((attempt, index) => {
    if (attempt.helped) return
    if (attempts.slice(index + 1).some((later) => errorOf(later) === errorOf(attempt))) return
    const changes = changedLines(attempt.program, worked)
    if (changes.length === 0) return
    drafts.push({
      texts: {
        kind: 'error',
        problem: attempt.error,
        failed_approach: '',
        solution: cut(`Gone after this change:\n${changes.join('\n')}`, LIMITS.solution),
        context: objective,
        tags: [],
      },
      fingerprint: attempt.fingerprint,
      objective,
    })
  })
  return drafts.slice(-MAX_DRAFTS)
}

/** What attempts that failed in the same way have in common. */
function errorOf({ fingerprint, error }: FailedAttempt): string {
  return fingerprint ?? error
}

/** `- line` and `+ line`, bounded. */
export function changedLines(before: string, after: string): string[] {
  const [a, b] = [lines(before), lines(after)]
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start++
  let end = 0
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++
  const changes = compare(a.slice(start, a.length - end), b.slice(start, b.length - end))
  if (changes.length <= MAX_DIFF_LINES) return changes
  // Both sides of a long change are worth a look.
  const [removed, added] = [
    changes.filter((line) => line.startsWith('-')),
    changes.filter((line) => line.startsWith('+')),
  ]
  const room = MAX_DIFF_LINES - 1
  const ofAdded = Math.min(added.length, Math.max(Math.ceil(room / 2), room - removed.length))
  const kept = [...removed.slice(0, room - ofAdded), ...added.slice(0, ofAdded)]
  return [...kept, `… ${changes.length - kept.length} more changed lines`]
}

function compare(a: string[], b: string[]): string[] {
  const removed = (line: string) => `- ${line}`
  const added = (line: string) => `+ ${line}`
  if (a.length > MAX_COMPARED_LINES || b.length > MAX_COMPARED_LINES) return [...a.map(removed), ...b.map(added)]
  // common[i][j]: the longest common subsequence of a from i and b from j.
  const common = Array.from({ length: a.length + 1 }, () => Array.from({ length: b.length + 1 }, () => 0))
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      common[i]![j] = a[i] === b[j] ? common[i + 1]![j + 1]! + 1 : Math.max(common[i + 1]![j]!, common[i]![j + 1]!)
    }
  }
  const changes: string[] = []
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      i++
      j++
    } else if (j === b.length || (i < a.length && common[i + 1]![j]! >= common[i]![j + 1]!)) {
      changes.push(removed(a[i++]!))
    } else changes.push(added(b[j++]!))
  }
  return changes
}

/** The lines of a program. Blank lines and indentation at the end tell nothing. */
function lines(program: string): string[] {
  return clean(program)
    .split('\n')
    .map((line) => cut(line.trimEnd(), MAX_DIFF_LINE))
    .filter((line) => line !== '')
}
