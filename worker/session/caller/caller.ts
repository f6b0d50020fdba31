/** A session as the tools see it: their `Caller`. */
import type { RequestId } from '@modelcontextprotocol/server'
import type { chooseExecutor } from '../../executor/executor.ts'
import { patienceOf } from '../../mcp/patience.ts'
import type { Caller, ShownRun, TaskRun } from '../../mcp/caller.ts'
import type { RunSummary } from '../../run/contract/history.ts'
import { RunnerError } from '../../run/contract/errors.ts'
import { isUnderWay, type RunOutcome } from '../../run/contract/outcome.ts'
import { OutcomeFold } from '../../run/execution/outcome-fold.ts'
import { NOT_TAKEN_UP } from '../../run/words/platform.ts'
import { wholeBody } from '../../runner/body.ts'
import { DEFAULTS } from '../../settings/settings.ts'
import type { LiveRuns } from '../runs/live-runs.ts'
import { keptCaller, type KeptParts } from './kept.ts'
import { clientName, requestScope } from '../lanes/request-scope.ts'
import { findHistory } from '../store/run-history.ts'
import { pageOfRuns } from '../store/run-pages.ts'
import { findRun, promiseTask, type RunRow } from '../store/runs.ts'

export interface SessionParts extends KeptParts {
  runs: LiveRuns
  /** Links a request to the run whose outcome answers it. */
  linkRun: (runId: string, requestId: RequestId) => void
  /** Throws NoExecutor. */
  executor: () => ReturnType<typeof chooseExecutor>
  capabilities: Caller['capabilities']
  install: Caller['install']
  downloadUrl: Caller['downloadUrl']
  pagesAt: Caller['pagesAt']
}

export function sessionCaller(parts: SessionParts): Caller {
  const { sql, runs, executor, changed, listChanged, now } = parts
  const { topLearnings, ...kept } = keptCaller(parts)
  const runner = () => executor().runner

  const liveRun = ({ id, ended_at }: RunSummary) => (ended_at === null ? runs.get(id) : undefined)
  const shown = (row: RunRow): ShownRun => {
    const live = liveRun(row)
    if (live !== undefined) return { ...row, status: live.status, outcome: live.soFar() }
    const ended = row.ended_at === null ? runs.unstored(row.id) : undefined
    // A row that says it goes on, without a live run here: there was no room to take it up.
    const outcome = ended ?? (isUnderWay(row.status) ? notTakenUp(row.id) : null)
    return outcome === null ? row : { ...row, status: outcome.status, ended_at: row.created_at, outcome }
  }
  const task = (id: string): TaskRun | null => {
    const row = findRun(sql, id)
    return row === null || row.task_until === null ? null : { ...shown(row), task_until: row.task_until }
  }

  return {
    ...kept,
    context: {
      executor: () => executor().name,
      health: () => runner().health(),
      listFiles: () => runner().listFiles(),
      quota: () => executor().quota,
      settings: kept.settings,
      now,
      topLearnings,
    },
    startRun: (input, asked, requestId) => {
      const run = runs.start(input, asked, clientName())
      if (requestId !== null) parts.linkRun(run.id, requestId)
      return run
    },
    listRuns: (query) => pageOfRuns(sql, query, (id) => runs.standing(id)),
    runHistory: (id) => findHistory(sql, id),
    findRun: (id) => {
      const row = findRun(sql, id)
      return row && shown(row)
    },
    answerWithin: () => {
      const chosen = kept.changedSettings().get('answer_within')
      return patienceOf(clientName(), typeof chosen === 'number' ? chosen : undefined, DEFAULTS.answer_within)
    },
    runOutput: (id) => runs.reader.output(id),
    findProgram: (key, ms) => runs.findProgram(key, ms),
    runSteps: (id, after, ms) => runs.reader.steps(id, after, ms),
    pagesAt: parts.pagesAt,
    followRun: (id) => runs.get(id) ?? null,
    cancelRun: (id) => runs.cancel(id),
    promiseTask: (id) => (promiseTask(sql, id, now()) ? task(id) : null),
    findTask: task,
    listFiles: async () => (await runner().listFiles()).files,
    readFile: async (path, maxBytes) => {
      const response = await runner().readFile(path)
      if (response === null) return null
      const bytes = Number(response.headers.get('content-length'))
      if (bytes > maxBytes) {
        await response.body?.cancel()
        return { bytes }
      }
      return {
        body: await wholeBody(response),
        mime: response.headers.get('content-type') ?? 'application/octet-stream',
      }
    },
    readPicture: async (path, maxBytes) => {
      try {
        const response = await runner().readPicture(path, maxBytes)
        return response === null ? { reason: 'it is gone' } : { body: await wholeBody(response) }
      } catch (error) {
        if (error instanceof RunnerError && error.code === 'no_picture') return { reason: error.message }
        throw error
      }
    },
    downloadUrl: parts.downloadUrl,
    capabilities: parts.capabilities,
    install: parts.install,
    resetWorkspace: async () => {
      const emptied = await runner().reset()
      changed(['codemode://context'])
      listChanged()
      return emptied
    },
    clientReady: async () => requestScope.getStore()?.meter.ready(),
  }
}

function notTakenUp(id: string): RunOutcome {
  return { ...new OutcomeFold().outcome(id, 'local'), hints: [NOT_TAKEN_UP] }
}
