/**
 * Runs as tasks. A task is a run that was handed to a client as one: the same id, the same row in the database, the same end. So all that
 * knows runs (the resource, the tool, `/runs`) shows and ends the same thing.
 */
import { ProtocolErrorCode } from '@modelcontextprotocol/server'
import { isUnderWay, whyNotStarted, type ShownOutcome } from '../../run/contract/outcome.ts'
import { lostWords, statusWords, UNREADABLE } from '../../run/words/platform.ts'
import type { FileSource, TaskCaller, TaskRun } from '../caller.ts'
import { runResult } from '../results/result.ts'
import type { DetailedTask, Task, Tasks } from './server.ts'

/** Milliseconds between two looks at a run: a tenth of its duration so far, within these bounds. */
const POLL_MS = { least: 500, most: 5_000 }

export function runTasks(caller: TaskCaller, now = Date.now): Tasks {
  return {
    has: (id) => caller.findTask(id) !== null,
    async get(id) {
      const run = caller.findTask(id)
      return run && (await detailedTask(run, caller, now()))
    },
    // A program asks its client for nothing.
    update: () => {},
    cancel: (id) => caller.cancelRun(id),
  }
}

/** A run as a task, without its result. */
export function taskOf(run: TaskRun, now: number): Task {
  const standing = standingOf(run)
  return { ...taskFields(run, standing, now), status: standing.status }
}

/** The resource that is the same run. */
export function runUri(id: string): string {
  return `codemode://runs/${id}`
}

/** A run as a task, with its result, whose files are read now. */
async function detailedTask(run: TaskRun, files: FileSource, now: number): Promise<DetailedTask> {
  const standing = standingOf(run)
  const task = taskFields(run, standing, now)
  switch (standing.status) {
    case 'working':
    case 'cancelled':
      return { ...task, status: standing.status }
    case 'completed':
      return {
        ...task,
        status: 'completed',
        result: { resultType: 'complete', ...(await runResult(standing.outcome, files)) },
      }
    case 'failed': {
      const { why: message } = standing
      const error = { code: ProtocolErrorCode.InternalError, message, data: { uri: runUri(run.id) } }
      return { ...task, status: 'failed', error }
    }
  }
}

type Standing =
  | { status: 'working' | 'cancelled' }
  | { status: 'completed'; outcome: ShownOutcome }
  | { status: 'failed'; why: string }

/**
 * A failing program is completed, as its call would have got a result. Failed is a run that the platform did not bring to an end: lost,
 * never started, or stored by another version of this server.
 */
function standingOf({ status, outcome }: TaskRun): Standing {
  if (isUnderWay(status)) return { status: 'working' }
  if (status === 'cancelled') return { status: 'cancelled' }
  if (outcome === null) return { status: 'failed', why: UNREADABLE }
  if (outcome.status === 'lost') return { status: 'failed', why: lostWords(outcome) }
  const refusal = whyNotStarted(outcome)
  return refusal === null ? { status: 'completed', outcome } : { status: 'failed', why: refusal }
}

function taskFields(run: TaskRun, standing: Standing, now: number): Omit<Task, 'status'> {
  const { id, status, created_at, ended_at, task_until, outcome } = run
  return {
    taskId: id,
    statusMessage: standing.status === 'failed' ? standing.why : statusWords(status, outcome, runUri(id)),
    createdAt: new Date(created_at).toISOString(),
    lastUpdatedAt: new Date(ended_at ?? created_at).toISOString(),
    ttlMs: task_until - created_at,
    ...(standing.status === 'working' && { pollIntervalMs: pollInterval(now - created_at) }),
  }
}

function pollInterval(elapsedMs: number): number {
  return Math.min(POLL_MS.most, Math.max(POLL_MS.least, Math.round(elapsedMs / 10)))
}
