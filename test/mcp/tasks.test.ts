/** What a run looks like as a task. */
import { DetailedTaskV2Schema } from '@modelcontextprotocol/ext-tasks/core/v2'
import { expect, test } from 'vitest'
import type { TaskCaller, TaskRun } from '../../worker/mcp/caller.ts'
import { runTasks, taskOf } from '../../worker/mcp/tasks/tasks.ts'
import { OutcomeFold } from '../../worker/run/execution/outcome-fold.ts'
import type { ShownOutcome } from '../../worker/run/contract/outcome.ts'
import { DATA } from '../support/tool-result.ts'

const ID = 'r_0000000000000001'
const HOUR = 3_600_000
const ENDED = { wall_ms: 1, cpu_ms: 1, max_rss_bytes: 1 }

function run(outcome: Partial<ShownOutcome> | null, status = outcome?.status ?? 'success'): TaskRun {
  const whole = outcome && { ...new OutcomeFold().outcome(ID, 'local'), ...outcome }
  const ended_at = status === 'queued' || status === 'running' ? null : 2 * HOUR
  return { id: ID, status, objective: '', created_at: HOUR, ended_at, task_until: 25 * HOUR, outcome: whole }
}

/** As `tasks/get` shows it, in the shape that the extension gives it. */
async function shown(run: TaskRun) {
  const caller: Partial<TaskCaller> = { findTask: (id) => (id === ID ? run : null) }
  const task = await runTasks(caller as TaskCaller, () => HOUR).get(ID)
  // oxlint-disable-next-line unicorn/prefer-structured-clone -- as the client gets it
  return DetailedTaskV2Schema.parse(JSON.parse(JSON.stringify(task)))
}

const failure = { type: 'ValueError', message: 'no', line: 1, frame: null }

test.each<[string, TaskRun, object]>([
  ['a queued run', run({ status: 'queued' }), { status: 'working' }],
  ['a running one', run({ status: 'running', bytes: { stdout: 7, stderr: 2 } }), { status: 'working' }],
  ['a success', run({ status: 'success', exit_code: 0 }), { status: 'completed', result: { resultType: 'complete' } }],
  [
    'a failing program',
    run({ status: 'error', exit_code: 1, error: failure }),
    { status: 'completed', result: { isError: true, _meta: { [DATA]: { error: failure } } } },
  ],
  [
    'a program that died of a signal',
    run({ status: 'error', signal: 'SIGSEGV' }),
    { status: 'completed', result: { isError: true } },
  ],
  [
    'a program whose error has the name of ours',
    run({ status: 'error', exit_code: 1, error: { ...failure, type: 'NotStarted' } }),
    { status: 'completed', result: { isError: true } },
  ],
  ['a time-out', run({ status: 'timeout', usage: ENDED }), { status: 'completed', result: { isError: true } }],
  ['a cancelled run', run({ status: 'cancelled', bytes: { stdout: 7, stderr: 2 } }), { status: 'cancelled' }],
  ['one cancelled before it started', run({ status: 'cancelled' }), { status: 'cancelled' }],
  [
    'a lost run',
    run({ status: 'lost', hints: ['first', 'Why it is lost. Next: call again.'] }),
    { status: 'failed', error: { code: -32603, message: 'Why it is lost. Next: call again.' } },
  ],
  [
    'a lost run that nobody knows anything of',
    run({ status: 'lost' }),
    { status: 'failed', error: { message: expect.stringContaining('Next:') } },
  ],
  [
    'one that the platform did not start',
    run({ status: 'error', error: { ...failure, type: 'NotStarted', message: 'The runner is away.' } }),
    { status: 'failed', error: { message: 'The runner is away.', data: { uri: `codemode://runs/${ID}` } } },
  ],
  [
    'one whose outcome another version stored',
    run(null),
    { status: 'failed', error: { message: expect.stringContaining('cannot be read') } },
  ],
])('%s', async (_what, run, expected) => {
  const task = await shown(run)
  expect(task).toMatchObject({ taskId: ID, ttlMs: 24 * HOUR, createdAt: '1970-01-01T01:00:00.000Z', ...expected })
  expect(task.lastUpdatedAt).toBe(run.ended_at === null ? task.createdAt : '1970-01-01T02:00:00.000Z')
  // What belongs to another status is not there.
  for (const [field, status] of [
    ['result', 'completed'],
    ['error', 'failed'],
    ['pollIntervalMs', 'working'],
  ] as const) {
    expect(field in task, field).toBe(task.status === status)
  }
  if (task.status === 'failed') expect(task.statusMessage).toBe(task.error.message)
  expect(task.statusMessage).not.toBe('')
})

test('what was printed is counted, and where it can be read is said, when there is no result', async () => {
  for (const status of ['running', 'cancelled'] as const) {
    const { statusMessage } = await shown(run({ status, bytes: { stdout: 7, stderr: 2 } }))
    expect(statusMessage).toContain('9 bytes')
    expect(statusMessage).toContain(`codemode://runs/${ID}`)
  }
})

test.each([
  [0, 500],
  [5_000, 500],
  [20_004, 2_000],
  [50_000, 5_000],
  [900_000, 5_000],
  [-60_000, 500],
])('after %d ms a client is asked to wait %d ms', (elapsed, interval) => {
  expect(taskOf(run({ status: 'running' }), HOUR + elapsed).pollIntervalMs).toBe(interval)
})
