/** The paths beside /mcp, made from a session's parts: their handlers, and what other parts of the session do with them. */
import { startProgram } from '../../mcp/call-program.ts'
import type { Env } from '../../env.ts'
import type { Caller } from '../../mcp/caller.ts'
import type { ExecutorName } from '../../run/contract/outcome.ts'
import type { Runner } from '../../run/contract/runner.ts'
import type { Capabilities } from '../../settings/settings.ts'
import type { Changes } from '../lanes/changes.ts'
import type { BasePath } from '../routes.ts'
import type { LiveRuns } from '../runs/live-runs.ts'
import type { Sql } from '../store/sql.ts'
import { configRouter } from '../http/config.ts'
import { DownloadLinks } from './download-links.ts'
import { filesRouter } from '../http/files.ts'
import { RunFeed } from './run-feed.ts'
import { SeenGrants, type SeenGrantsDeps } from './seen-grants.ts'
import { OpenStreams } from '../http/open-streams.ts'
import { learningsRouter } from '../http/learnings.ts'
import type { Router } from '../http/router.ts'
import { packagesRouter } from '../http/packages.ts'
import { runsRouter } from '../http/runs.ts'
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

export class PathsBesideMcp {
  /** To be told of runs that are accepted, begin and end. */
  readonly feed: RunFeed
  /** Links that work without a token. */
  readonly links: DownloadLinks
  /** When apps used these paths last. */
  readonly grants: SeenGrants
  readonly #streams = new OpenStreams()
  readonly routers: Omit<Routers, '/mcp'>

  constructor(deps: PathsDeps) {
    this.feed = new RunFeed((id) => deps.caller.listRuns({ id, limit: 1 })?.runs[0])
    this.links = new DownloadLinks(deps)
    this.grants = new SeenGrants(deps)
    this.routers = routersOf(deps, this.feed, this.links, this.#streams)
  }

  /** A browser has signed out: ends what pages have open. Who may still read asks again. */
  browserLeft(): void {
    this.feed.end()
    this.#streams.end(({ onPage }) => onPage === true)
  }

  /** Ends what an ended grant has open, and forgets it; without one, all. */
  grantEnded(grantId?: string): void {
    this.grants.forget(grantId)
    this.feed.end()
    this.#streams.end((caller) => grantId === undefined || caller.grantId === grantId)
  }
}

function routersOf(deps: PathsDeps, feed: RunFeed, links: DownloadLinks, streams: OpenStreams): Omit<Routers, '/mcp'> {
  const { sql, transaction, caller, runs, executor, changes, now } = deps
  return {
    '/runs': runsRouter({
      list: (query) => caller.listRuns(query),
      history: (id) => caller.runHistory(id),
      find: (id) => caller.findRun(id),
      start: (args) => startProgram(caller, 'POST /runs', args, null),
      cancel: (id) => runs.cancel(id),
      live: () => feed.read(),
      events: (id, after, gone) => runs.reader.events(id, after, gone),
      opened: (reader, end) => streams.add(reader, end),
    }),
    '/files': filesRouter({
      runner: () => executor().runner,
      quota: () => executor().quota,
      userId: deps.userId,
      key: () => links.key(),
      downloadUrl: (path, origin) => links.url(path, origin),
      now,
      changed: (pathname) => changes.file(pathname),
    }),
    '/learnings': learningsRouter({
      sql,
      transaction,
      letOthersIn: () => scheduler.wait(0),
      now,
      client: 'http',
      changed: (id) => changes.learning(id),
    }),
    '/packages': packagesRouter({
      runner: () => executor().runner,
      settings: () => caller.settings(),
      install: (specs, timeoutS, signal) => caller.install(specs, timeoutS, signal),
      sql,
    }),
    '/usage': usageRouter({ executor, today: deps.today, sql, now }),
    '/config': configRouter({ sql, transaction, capabilities: deps.capabilities, changed: deps.settingsChanged }),
  }
}
