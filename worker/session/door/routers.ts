/** The handlers of the paths beside /mcp. */
import { startProgram } from '../../mcp/call-program.ts'
import type { Env } from '../../env.ts'
import type { Caller } from '../../mcp/caller.ts'
import type { ExecutorName } from '../../run/contract/outcome.ts'
import type { Runner } from '../../run/contract/runner.ts'
import type { Capabilities } from '../../settings/settings.ts'
import type { Changes } from '../lanes/changes.ts'
import type { BasePath } from '../routes.ts'
import type { LiveRuns } from '../runs/live-runs.ts'
import { changedSince } from '../store/changed-since.ts'
import { forgetPictures } from '../store/run-pictures.ts'
import type { Sql } from '../store/sql.ts'
import { configRouter } from '../http/config.ts'
import { type FilesDeps, filesRouter } from '../http/files.ts'
import type { SeenGrantsDeps } from './seen-grants.ts'
import { learningsRouter } from '../http/learnings.ts'
import type { Router } from '../http/router.ts'
import { packagesRouter } from '../http/packages.ts'
import { type RunsDeps, runsRouter } from '../http/runs.ts'
import { usageRouter } from '../http/usage.ts'

export type Routers = { [Base in BasePath]: Router<Base> }

export interface PathsDeps extends SeenGrantsDeps {
  sql: Sql
  /** Rolls back when its function throws. */
  transaction: <T>(work: () => T) => T
  env: Env
  caller: Caller
  runs: LiveRuns
  /** Throws NoExecutor. */
  executor: () => { runner: Runner; name: ExecutorName; quota: number }
  /** Time that programs took today (UTC), and may take. */
  today: () => { used_ms: number; limit_minutes: number | null }
  changes: Changes
  capabilities: () => Capabilities
  settingsChanged: () => void
  userId: () => string
}

/** What the paths share with the rest of the session. */
type Shared = Pick<RunsDeps, 'live' | 'opened'> & Pick<FilesDeps, 'key' | 'downloadUrl'>

export function routersOf(deps: PathsDeps, { live, opened, key, downloadUrl }: Shared): Omit<Routers, '/mcp'> {
  const { sql, transaction, caller, runs, executor, changes, now } = deps
  return {
    '/runs': runsRouter({
      list: (query) => caller.listRuns(query),
      history: (id) => caller.runHistory(id),
      changedSince: (id) => changedSince(sql, id),
      find: (id) => caller.findRun(id),
      start: (args) => startProgram(caller, 'POST /runs', args, null),
      cancel: (id) => runs.cancel(id),
      live,
      events: (id, after, gone) => runs.reader.events(id, after, gone),
      opened,
    }),
    '/files': filesRouter({
      runner: () => executor().runner,
      quota: () => executor().quota,
      userId: deps.userId,
      key,
      downloadUrl,
      now,
      changed: (pathname) => changes.file(pathname),
      replaced: (path) => forgetPictures(sql, [path]),
      opened,
    }),
    '/learnings': learningsRouter({
      sql,
      transaction,
      letOthersIn: () => scheduler.wait(0),
      now,
      client: 'http',
      changed: (id) => changes.learning(id),
      opened,
    }),
    '/packages': packagesRouter({
      opened,
      runner: () => executor().runner,
      settings: () => caller.settings(),
      install: (specs, timeoutS, signal) => caller.install(specs, timeoutS, signal),
      sql,
    }),
    '/usage': usageRouter({ executor, today: deps.today, sql, now }),
    '/config': configRouter({ sql, transaction, capabilities: deps.capabilities, changed: deps.settingsChanged }),
  }
}
