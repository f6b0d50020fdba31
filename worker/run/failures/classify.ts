/**
 * Would the same program, run once more, fail in the same way? Decided from the outcome alone, by the rules in `rules.ts`. An unknown
 * failure is deterministic: running a program again repeats everything that it did.
 */
import { filled } from './explain.ts'
import { ruleFor } from './failure.ts'
import type { RunOutcome } from '../contract/outcome.ts'

export interface Classification {
  /**
   * `deterministic`: it would fail again. `transient`: it may pass by itself. `limit`: it met a bound that needs a change. `lost`: nobody
   * knows how far it came.
   */
  kind: 'success' | 'deterministic' | 'transient' | 'limit' | 'cancelled' | 'lost'
  /** Completes the sentence "It failed because …". */
  reason: string
  /** Wait that the service asked for, in its answer or in the message. Milliseconds. */
  retry_after_ms?: number
  /** Set when the service is overloaded, or gets too many requests. */
  overloaded?: true
}

export function classify(outcome: RunOutcome): Classification {
  switch (outcome.status) {
    case 'success':
      return { kind: 'success', reason: 'it ended by itself with exit code 0' }
    case 'cancelled':
      return { kind: 'cancelled', reason: 'it was cancelled' }
    case 'lost':
      return {
        kind: 'lost',
        reason: 'the runner ended in the middle, and nobody knows how far the program had come',
      }
    case 'timeout':
      return { kind: 'limit', reason: 'it ran longer than it may, and would again' }
    case 'error':
      return classifyError(outcome)
  }
}

function classifyError(outcome: RunOutcome): Classification {
  const { rule, facts } = ruleFor(outcome)
  if (rule === undefined) {
    if (facts.type !== '') return { kind: 'deterministic', reason: 'nothing says that this failure passes by itself' }
    const { exit_code, signal } = outcome
    return {
      kind: 'deterministic',
      reason: signal === null ? `it ended with exit code ${exit_code} and no exception` : `it was ended by ${signal}`,
    }
  }
  const { kind } = rule
  const reason = filled(rule.reason, facts.known)
  if (kind !== 'transient') return { kind, reason }
  const asked = facts.known['retry_after_s']
  const retry_after_ms = typeof asked === 'number' ? asked * 1000 : retryAfter(facts.message)
  const overloaded = facts.status !== undefined && OVERLOADED.has(facts.status)
  return { kind, reason, ...(overloaded && { overloaded }), ...(retry_after_ms !== undefined && { retry_after_ms }) }
}

/** Statuses that ask for time: too many requests, and an overloaded service. */
const OVERLOADED = new Set([429, 503, 529])

const UNITS_MS = new Map([
  ...['ms', 'millisecond', 'milliseconds'].map((unit) => [unit, 1] as const),
  ...['m', 'min', 'mins', 'minute', 'minutes'].map((unit) => [unit, 60_000] as const),
  ...['h', 'hour', 'hours'].map((unit) => [unit, 3_600_000] as const),
])

/** Wait in a message: seconds, unless it names another unit. */
function retryAfter(message: string): number | undefined {
  const found =
    /\bretry[-_ ]?(?:after|delay)["']?[ :=]{0,3}["']?(\d{1,9}(?:\.\d{1,9})?) ?([a-z]{0,12})/i.exec(message) ??
    /\b(?:try again|retry|wait)(?: in| for)? (\d{1,9}(?:\.\d{1,9})?) ?([a-z]{0,12})/i.exec(message)
  if (found === null) return undefined
  const [, amount, unit = ''] = found
  return Math.round(Number(amount) * (UNITS_MS.get(unit.toLowerCase()) ?? 1000))
}
