/** A session as the tools see it: their `Caller`. */
import type { RequestId } from '@modelcontextprotocol/server'
import type { chooseExecutor } from '../executor/executor.ts'
import { quoteLearning } from '../learning/quote.ts'
import { patienceOf } from '../mcp/patience.ts'
import type { Caller, ShownRun, TaskRun } from '../mcp/caller.ts'
import type { RunSummary } from '../run/contract/history.ts'
import { RunnerError } from '../run/contract/errors.ts'
import { isUnderWay, type RunOutcome } from '../run/contract/outcome.ts'
import { OutcomeFold } from '../run/execution/outcome-fold.ts'
import { NOT_TAKEN_UP } from '../run/words/platform.ts'
import { wholeBody } from '../runner/body.ts'
import { DEFAULTS } from '../settings/settings.ts'
import type { LiveRuns } from './runs/live-runs.ts'
import { requestScope } from './lanes/request-scope.ts'
import { searchLearnings, usefulLearnings } from './store/learnings-search.ts'
import { addLearning, countLearnings, getLearning } from './store/learnings.ts'
import { findHistory } from './store/run-history.ts'
import { pageOfRuns } from './store/run-pages.ts'
import { findRun, promiseTask, type RunRow } from './store/runs.ts'
import { readOverrides, readSettings, resetSetting, resetSettings, writeSetting } from './store/settings.ts'
import type { Sql } from './store/sql.ts'

/** Characters of each text of a learning that get_system_context shows. */
const CONTEXT_QUOTE_CHARS = 90

export interface SessionParts {
  sql: Sql
  /** Rolls back when its function throws. */
  transaction: <T>(work: () => T) => T
  runs: LiveRuns
  /** Links a request to the run whose outcome answers it. */
  linkRun: (runId: string, requestId: RequestId) => void
  /** Throws NoExecutor. */
  executor: () => ReturnType<typeof chooseExecutor>
  capabilities: Caller['capabilities']
  install: Caller['install']
  downloadUrl: Caller['downloadUrl']
  /** Called when these resources read differently. */
  changed: (uris: string[]) => void
  /** Called when there are other resources. */
  listChanged: () => void
  settingsChanged: () => void
  now: () => number
}

export function sessionCaller(parts: SessionParts): Caller {
  const { sql, transaction, runs, executor, changed, listChanged, settingsChanged, now } = parts
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
    context: {
      executor: () => executor().name,
      health: () => runner().health(),
      listFiles: () => runner().listFiles(),
      quota: () => executor().quota,
      settings: () => readSettings(sql),
      now,
      topLearnings: (limit) => ({
        learnings: usefulLearnings(sql, limit, now()).map((learning) => quoteLearning(learning, CONTEXT_QUOTE_CHARS)),
        total: countLearnings(sql),
      }),
    },
    settings: () => readSettings(sql),
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
      const chosen = readOverrides(sql).get('answer_within')
      return patienceOf(clientName(), typeof chosen === 'number' ? chosen : undefined, DEFAULTS.answer_within)
    },
    runOutput: (id) => runs.reader.output(id),
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
    addLearning: (input) => {
      const origin = { via: 'tool' as const, client: clientName(), run_id: null }
      const added = transaction(() => addLearning(sql, input, origin, now()))
      changed(['codemode://learnings', `codemode://learnings/${added.learning.id}`, 'codemode://context'])
      if (added.created) listChanged()
      return added
    },
    searchLearnings: (query) => searchLearnings(sql, query, now()),
    getLearning: (id) => getLearning(sql, id),
    changedSettings: () => readOverrides(sql),
    setSetting: (key, value) => {
      writeSetting(sql, key, value)
      settingsChanged()
    },
    resetSetting: (key) => {
      resetSetting(sql, key)
      settingsChanged()
    },
    resetSettings: () => {
      resetSettings(sql)
      settingsChanged()
    },
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

/** Own name of the client whose request is being answered. */
function clientName(): string {
  return requestScope.getStore()?.clientName() ?? 'unknown'
}
