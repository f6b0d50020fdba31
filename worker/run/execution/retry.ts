/** Running a program again when its failure may pass by itself: the decision, the waiting, and one run made of all attempts. */
import { classify } from '../failures/classify.ts'
import type { RunOutcome } from '../contract/outcome.ts'
import type { ReadableRun, ReadStep } from '../contract/readable-run.ts'
import type { RunStep } from '../contract/step.ts'
import { platformErrorWords } from '../words/platform.ts'
import { restoredWords } from '../words/workspace.ts'
import { Bell } from '../../waiting.ts'

/** Milliseconds. Full jitter: any time up to the base, which doubles with each attempt up to the cap. */
const BACKOFF = { base_ms: 500, cap_ms: 30_000 }
/** Milliseconds, for a service that is overloaded or gets too many requests: at least the base, and half as much again at random. */
const OVERLOADED_BACKOFF = { base_ms: 5_000, cap_ms: 40_000 }
/** Longest wait that a service may ask for. Milliseconds. */
const MAX_RETRY_AFTER_MS = 60_000

export type RetryDecision = { again: false; why: string } | { again: true; after_ms: number }

/**
 * The step after an outcome. `attemptsSoFar` counts this one, `maxRetries` the runs after the first; `random` gives numbers from 0 to less
 * than 1.
 */
export function nextAttempt(
  outcome: RunOutcome,
  attemptsSoFar: number,
  maxRetries: number,
  random: () => number,
): RetryDecision {
  const { kind, reason, overloaded, retry_after_ms: asked } = classify(outcome)
  switch (kind) {
    case 'success':
      return { again: false, why: attemptsSoFar === 1 ? '' : `Attempt ${attemptsSoFar} succeeded.` }
    case 'deterministic':
      return { again: false, why: `Not run again: ${reason}; the same program would fail in the same way.` }
    case 'limit':
      return { again: false, why: `Not run again: ${reason}. Without a change it would meet the same limit.` }
    case 'cancelled':
      return { again: false, why: 'Not run again: it was cancelled.' }
    case 'lost':
      return { again: false, why: `Not run again: ${reason}. What it did before might be done twice.` }
    case 'transient':
      break
  }
  if (attemptsSoFar > maxRetries) {
    const tried = attemptsSoFar === 1 ? 'max_retries is 0' : `it failed ${attemptsSoFar} times`
    return { again: false, why: `Not run again: ${tried}.` }
  }
  if (asked !== undefined && asked > MAX_RETRY_AFTER_MS) {
    const [wait, most] = [seconds(asked), seconds(MAX_RETRY_AFTER_MS)]
    return { again: false, why: `Not run again: the service asks to wait ${wait}, and a call waits ${most} at most.` }
  }
  return { again: true, after_ms: waitAfter(overloaded === true, asked, attemptsSoFar, random()) }
}

/**
 * Wait before the next attempt, in milliseconds: at least as long as the service asked; the jitter keeps programs from coming back all at
 * once.
 */
function waitAfter(overloaded: boolean, asked: number | undefined, attempts: number, random: number): number {
  const { base_ms, cap_ms } = overloaded ? OVERLOADED_BACKOFF : BACKOFF
  const backoff = Math.min(cap_ms, base_ms * 2 ** (attempts - 1))
  if (!overloaded) return Math.round(Math.max(asked ?? 0, random * backoff))
  const least = asked ?? backoff
  return Math.round(least + (random * Math.min(least, backoff)) / 2)
}

export interface RetryDeps {
  /** Starts one attempt. May throw when the platform refuses. */
  start: () => ReadableRun
  maxRetries: number
  random: () => number
  /** Resolves after so many milliseconds, or at once when the signal is aborted. */
  wait: (ms: number, signal: AbortSignal) => Promise<void>
}

/**
 * Runs attempts until one succeeds or fails for good. The result is read like one run, with a line between attempts; its outcome
 * is the last attempt's, with `attempts`. Throws and rejects only when the platform fails at the first attempt.
 */
export function runWithRetry({ start, maxRetries, random, wait }: RetryDeps): ReadableRun & { leave(): void } {
  const first = start()
  const abort = new AbortController()
  /** Aborted when nobody waits for further attempts. */
  const left = new AbortController()
  const log = new AttemptLog()
  let current = first

  async function drive(): Promise<RunOutcome> {
    const attempts: NonNullable<RunOutcome['attempts']> = []
    const installed = new Set<string>()
    let waited_ms = 0
    log.add(first)
    const firstOutcome = await first.outcome
    let outcome = firstOutcome
    for (;;) {
      for (const name of outcome.installed_packages) installed.add(name)
      attempts.push({ ...attemptOf(outcome), waited_ms })
      const last = () => ({
        ...outcome,
        ...newsOf(firstOutcome, outcome),
        attempts,
        installed_packages: [...installed],
      })
      const next = nextAttempt(outcome, attempts.length, maxRetries, random)
      if (!next.again) return explained(last(), next.why)

      waited_ms = next.after_ms
      const number = `Attempt ${attempts.length + 1} of ${maxRetries + 1}`
      log.add({ type: 'status', text: `${classify(outcome).reason}. ${number} in ${seconds(waited_ms)} …` })
      const stop = AbortSignal.any([abort.signal, left.signal])
      if (!stop.aborted) await wait(waited_ms, stop)
      if (abort.signal.aborted) return explained(last(), `Cancelled before attempt ${attempts.length + 1}.`)
      if (left.signal.aborted)
        return explained(last(), `Not run again: the call was answered before. Next: call again.`)
      try {
        current = start()
        log.add(current)
        outcome = await current.outcome
      } catch (error) {
        // The outcome of the attempts before is known, and says more than this failure alone.
        return explained(last(), `Not run again: ${platformErrorWords(error)}`)
      }
    }
  }

  const outcome = drive().finally(() => log.end())
  // Callers that ask for the outcome get the failure; without any it must not be an unhandled rejection.
  outcome.catch(() => {})
  return {
    get id() {
      return current.id
    },
    outcome,
    async *read() {
      yield* log.read()
      const last = await outcome.catch(() => null) // a caller that asks for the outcome gets the platform's failure
      if (last !== null) yield { type: 'outcome', outcome: last }
    },
    cancel() {
      abort.abort()
      current.cancel()
    },
    leave: () => left.abort(),
  }
}

/** The restored workspace, which only the first attempt reports. */
function newsOf({ restored_from }: RunOutcome, last: RunOutcome): Partial<RunOutcome> {
  if (restored_from === undefined || last.restored_from !== undefined) return {}
  return { restored_from, hints: [restoredWords(restored_from), ...last.hints] }
}

/** The outcome after a restart of the server, which ended the retries. */
export function notTriedAgain(outcome: RunOutcome): RunOutcome {
  if (classify(outcome).kind !== 'transient') return outcome
  return explained(
    outcome,
    'This may pass by itself, but nothing runs it again, as the server was restarted meanwhile. Next: call again.',
  )
}

function attemptOf(outcome: RunOutcome) {
  const { run_id, status, error } = outcome
  return {
    run_id,
    status,
    error: error && { type: error.type, message: error.message, line: error.line },
    reason: classify(outcome).reason,
  }
}

/** The outcome with the reason why it was not run again. It has the next step already. */
function explained(outcome: RunOutcome, why: string): RunOutcome {
  return why === '' ? outcome : { ...outcome, hints: [...outcome.hints, why] }
}

/** The attempts, and the steps between them, for any number of readers. */
class AttemptLog {
  readonly #parts: (ReadableRun | RunStep)[] = []
  #ended = false
  readonly #changed = new Bell()

  add(part: ReadableRun | RunStep): void {
    this.#parts.push(part)
    this.#changed.ring()
  }

  end(): void {
    this.#ended = true
    this.#changed.ring()
  }

  /** Every step but the outcomes, from the first, then live. */
  async *read(): AsyncGenerator<ReadStep> {
    for (let next = 0; ; next++) {
      while (next >= this.#parts.length && !this.#ended) await this.#changed.next()
      const part = this.#parts[next]
      if (part === undefined) return
      if (!('read' in part)) {
        yield part
        continue
      }
      for await (const step of part.read()) if (step.type !== 'outcome') yield step
    }
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`
}
