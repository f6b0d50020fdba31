/** When a program is run again, and how long after; with scripted runs and a scripted random. */
import { expect, test } from 'vitest'
import { classify } from '../../worker/run/failures/classify.ts'
import { OutcomeFold } from '../../worker/run/execution/outcome-fold.ts'
import type { RunOutcome } from '../../worker/run/contract/outcome.ts'
import type { ReadableRun } from '../../worker/run/contract/readable-run.ts'
import { nextAttempt, type RetryDeps, runWithRetry } from '../../worker/run/execution/retry.ts'
import { pause } from '../../worker/waiting.ts'
import { Busy, RunnerError } from '../../worker/run/contract/errors.ts'

type Ending = Partial<Omit<RunOutcome, 'error'>> & {
  error?: { type: string; message?: string; facts?: Record<string, number> }
}

function outcome({ error, ...fields }: Ending = {}): RunOutcome {
  return {
    ...new OutcomeFold().outcome('r_1', 'local'),
    status: error ? 'error' : 'success',
    ...fields,
    error: error ? { message: '', line: null, frame: null, ...error } : null,
  }
}

const RESET: Ending = { error: { type: 'ConnectionResetError', message: '[Errno 104] Connection reset by peer' } }
const DIVISION: Ending = { error: { type: 'ZeroDivisionError', message: 'division by zero' } }
const tooMany = (message: string): Ending => ({
  error: { type: 'requests.exceptions.HTTPError', message: `429 Client Error: Too Many Requests. ${message}` },
})

test.each([
  [1, 0.999, 500],
  [2, 0.999, 999],
  [3, 0.5, 1000],
  [4, 0.999, 3996],
  [6, 0.5, 8000],
  [12, 0.999, 29_970],
  [1, 0, 0],
])(
  'after %i attempts and a random %d the wait is %i ms: full jitter, doubled, capped',
  (attempts, random, after_ms) => {
    expect(nextAttempt(outcome(RESET), attempts, 100, () => random)).toEqual({ again: true, after_ms })
  },
)

test.each([
  [1, 0, 5_000],
  [1, 0.999, 7_498],
  [2, 0, 10_000],
  [3, 0.5, 25_000],
  [9, 0, 40_000],
])(
  'a service that is asked too often or overloaded is left alone after %i attempts, with a random %d, for %i ms',
  (attempts, random, after_ms) => {
    for (const http_status of [429, 503]) {
      const ending = outcome({ error: { type: 'requests.exceptions.HTTPError', facts: { http_status } } })
      expect(nextAttempt(ending, attempts, 100, () => random)).toEqual({ again: true, after_ms })
    }
  },
)

test.each([
  ['Retry-After: 7', 7000],
  ['please retry after 1.5 s', 1500],
  ["{'retryDelay': '34s'}", 34_000],
  ['Please try again in 20ms.', 20],
  ['try again in 1 minute', 60_000],
  ['Retry-After: 7 constructor', 7000],
  ['retry after a while', 5000],
])('"%s" makes the wait %i ms at least', (message, after_ms) => {
  expect(nextAttempt(outcome(tooMany(message)), 1, 3, () => 0)).toEqual({ again: true, after_ms })
  const later = nextAttempt(outcome(tooMany(message)), 1, 3, () => 0.5)
  expect(later.again && later.after_ms).toBeGreaterThan(after_ms)
})

test('the time that an answer names counts more than a message, also for other failures than rate limits', () => {
  const asked = { ...tooMany('Retry-After: 7').error!, facts: { http_status: 429, retry_after_s: 12 } }
  expect(nextAttempt(outcome({ error: asked }), 1, 3, () => 0)).toEqual({ again: true, after_ms: 12_000 })
  const gateway = { type: 'requests.exceptions.HTTPError', facts: { http_status: 502, retry_after_s: 3 } }
  expect(nextAttempt(outcome({ error: gateway }), 1, 3, () => 0)).toEqual({ again: true, after_ms: 3_000 })
})

test('a service that asks for a longer wait than a minute is not asked again', () => {
  const next = nextAttempt(outcome(tooMany('Retry-After: 61')), 1, 3, () => 0)
  expect(next).toEqual({ again: false, why: expect.stringContaining('asks to wait 61 s') })
})

test.each<[string, Ending]>([
  ['a success', {}],
  ['a deterministic failure', DIVISION],
  ['an unknown failure', { error: { type: 'some.library.Error', message: 'try again: temporarily unavailable' } }],
  ['a time-out', { status: 'timeout', error: { type: 'Timeout' } }],
  ['a memory limit', { error: { type: 'MemoryLimit' } }],
  ['a process limit', { error: { type: 'ProcessLimit' } }],
  ['a full workspace', { error: { type: 'WorkspaceQuota' } }],
  ['a cancelled run', { status: 'cancelled' }],
  ['a lost run', { status: 'lost' }],
])('%s is not run again', (_what, ending) => {
  const next = nextAttempt(outcome(ending), 1, 5, () => 0)
  expect(next.again).toBe(false)
})

test('the attempts are counted', () => {
  const again = (attempts: number, most: number) => nextAttempt(outcome(RESET), attempts, most, () => 0).again
  expect([again(1, 0), again(1, 1), again(2, 1), again(3, 3), again(4, 3)]).toEqual([false, true, false, true, false])
})

test('what a lost run did is unknown, and it says so', () => {
  const { kind, reason } = classify(outcome({ status: 'lost' }))
  expect(kind).toBe('lost')
  expect(reason).toContain('how far')
})

test('an installation that met a busy index is tried again, one of an unknown package is not', () => {
  const failed = (why: 'unreachable' | 'unknown') =>
    outcome({
      error: { type: 'ModuleNotFoundError', message: "No module named 'x'" },
      failed_installs: [{ packages: ['x'], why }],
    })
  expect(classify(failed('unreachable')).kind).toBe('transient')
  expect(classify(failed('unknown')).kind).toBe('deterministic')
})

/** Runs that end as scripted, each with a line of output, and what was asked for. */
function scripted(endings: (Ending | Error)[], options: Partial<RetryDeps> = {}) {
  const log: string[] = []
  let count = 0
  const start = (): ReadableRun => {
    const id = `r_${++count}`
    log.push(`start ${id}`)
    const ending = endings[count - 1]
    if (ending === undefined) throw new Error('one run too many')
    if (ending instanceof Busy) throw ending
    const ended = ending instanceof Error ? Promise.reject(ending) : Promise.resolve({ ...outcome(ending), run_id: id })
    ended.catch(() => {})
    return {
      id,
      outcome: ended,
      async *read() {
        yield { type: 'stdout', n: 1, text: `output of ${id}\n` }
        if (!(ending instanceof Error)) yield { type: 'outcome', outcome: await ended }
      },
      cancel: () => void log.push(`cancel ${id}`),
    }
  }
  const wait = (ms: number) => {
    log.push(`wait ${ms}`)
    return Promise.resolve()
  }
  return { log, deps: { start, maxRetries: 3, random: () => 0.5, wait, ...options } }
}

test('a division by zero is run once, and what the run says of it stays', async () => {
  const { log, deps } = scripted([{ ...DIVISION, hints: ['Next: this.'] }])
  const result = await runWithRetry(deps).outcome
  expect(log).toEqual(['start r_1'])
  expect(result.attempts).toEqual([
    { run_id: 'r_1', status: 'error', error: expect.anything(), reason: 'the calculation has no result', waited_ms: 0 },
  ])
  expect(result.hints).toEqual([
    'Next: this.',
    'Not run again: the calculation has no result; the same program would fail in the same way.',
  ])
})

test('two resets and a success are three runs, and the result is the last one’s', async () => {
  const { log, deps } = scripted([RESET, RESET, { stdout: 'done' }])
  const result = await runWithRetry(deps).outcome
  expect(log).toEqual(['start r_1', 'wait 250', 'start r_2', 'wait 500', 'start r_3'])
  expect(result).toMatchObject({ run_id: 'r_3', status: 'success', stdout: 'done' })
  expect(result.attempts?.map(({ run_id, status, waited_ms }) => [run_id, status, waited_ms])).toEqual([
    ['r_1', 'error', 0],
    ['r_2', 'error', 250],
    ['r_3', 'success', 500],
  ])
})

test('it gives up after max_retries, and a deterministic failure ends it earlier', async () => {
  const resets = scripted([RESET, RESET, RESET], { maxRetries: 2 })
  const result = await runWithRetry(resets.deps).outcome
  expect(result).toMatchObject({ run_id: 'r_3', status: 'error', attempts: [{}, {}, {}] })
  expect(result.hints.join(' ')).toContain('it failed 3 times')
  const mixed = scripted([RESET, DIVISION], { maxRetries: 5 })
  expect((await runWithRetry(mixed.deps).outcome).attempts).toHaveLength(2)
})

test('that the workspace was restored before the first attempt is in the result, once', async () => {
  const restored_from = '2026-11-22T18:40:12.345Z'
  const { deps } = scripted([{ ...RESET, restored_from }, { hints: ['more'] }])
  const { hints, ...result } = await runWithRetry(deps).outcome
  expect(result.restored_from).toBe(restored_from)
  expect(hints[0]).toContain('2026-11-22 18:40:12 UTC')
  expect(hints.filter((hint) => hint.includes('new sandbox'))).toHaveLength(1)
})

test('what every attempt installed is in the result', async () => {
  const { deps } = scripted([{ ...RESET, installed_packages: ['a==1'] }, { installed_packages: ['b==2'] }])
  expect((await runWithRetry(deps).outcome).installed_packages).toEqual(['a==1', 'b==2'])
})

test('the attempts are read as one run, with a line between them and one outcome', async () => {
  const { deps } = scripted([RESET, {}])
  const run = runWithRetry(deps)
  const steps = await Array.fromAsync(run.read())
  expect(steps.map((step) => ('text' in step ? step.text : step.type))).toEqual([
    'output of r_1\n',
    'the other side closed the connection in the middle. Attempt 2 of 4 in 0.3 s …',
    'output of r_2\n',
    'outcome',
  ])
  expect(await Array.fromAsync(run.read())).toEqual(steps)
})

test('cancelling during a wait ends it at once and starts nothing', async () => {
  const { log, deps } = scripted([RESET, {}], {
    random: () => 0.999,
    wait: (_ms, signal) => pause(3_600_000, signal),
  })
  const run = runWithRetry(deps)
  for await (const step of run.read()) if (step.type === 'status') run.cancel()
  const result = await run.outcome
  expect(log).toEqual(['start r_1', 'cancel r_1'])
  expect(result).toMatchObject({ run_id: 'r_1', status: 'error', attempts: [{}] })
  expect(result.hints.at(-1)).toBe('Cancelled before attempt 2.')
})

test('cancelling during an attempt cancels that attempt', async () => {
  let end: (outcome: RunOutcome) => void = () => {}
  const second: ReadableRun = {
    id: 'r_2',
    outcome: new Promise((resolve) => {
      end = resolve
    }),
    async *read() {
      yield { type: 'stdout', n: 1, text: 'at work' }
    },
    cancel: () => end({ ...outcome(), run_id: 'r_2', status: 'cancelled' }),
  }
  const { deps } = scripted([RESET])
  const starts = [deps.start, () => second]
  const run = runWithRetry({ ...deps, start: () => starts.shift()!() })
  for await (const step of run.read()) if ('text' in step && step.text === 'at work') run.cancel()
  expect(await run.outcome).toMatchObject({
    status: 'cancelled',
    attempts: [{ status: 'error' }, { status: 'cancelled' }],
  })
})

test.each([
  ['is refused', new Busy(2, 16)],
  ['fails to start', new RunnerError('unreachable', 'gone')],
])('a later attempt that %s leaves what the attempts before came to', async (_how, error) => {
  const { deps } = scripted([RESET, error])
  const run = runWithRetry(deps)
  const result = await run.outcome
  expect(result).toMatchObject({ run_id: 'r_1', status: 'error', attempts: [{ status: 'error' }] })
  expect(result.hints.at(-1)).toMatch(/^Not run again: (Busy|The Python runner did not answer)/)
})

test('a first attempt that the platform refuses is the caller’s exception', async () => {
  expect(() => runWithRetry(scripted([new Busy(2, 16)]).deps)).toThrow(Busy)
  const run = runWithRetry(scripted([new RunnerError('unreachable', 'gone')]).deps)
  expect((await Array.fromAsync(run.read())).map(({ type }) => type)).toEqual(['stdout'])
  await expect(run.outcome).rejects.toThrow(RunnerError)
})
