/** `/usage`: what the user takes of the server, and the sandbox, which they may start and stop. */
import * as z from 'zod'
import { isSandboxFailure, NoExecutor, RunnerError } from '../../run/contract/errors.ts'
import type { ExecutorName } from '../../run/contract/outcome.ts'
import type { Runner } from '../../run/contract/runner.ts'
import { requestErrorWords, sandboxFailureWords } from '../../run/words/platform.ts'
import { runsByDay } from '../store/days.ts'
import type { Sql } from '../store/sql.ts'
import { BadRequest, jsonBody } from './body.ts'
import { readQuery } from './query.ts'
import { refusal } from './refusal.ts'
import type { Router } from './router.ts'

export interface UsageDeps {
  /** Throws NoExecutor. */
  executor: () => { runner: Runner; name: ExecutorName; quota: number }
  /** Of today (UTC); `limit_minutes` null: no limit. */
  today: () => { used_ms: number; limit_minutes: number | null }
  sql: Sql
  now: () => number
}

/** Time whose runs are counted by day, as far as they are kept. Milliseconds. */
const COUNTED_MS = 30 * 24 * 60 * 60 * 1000

interface SandboxState {
  /** `none`: this server has nowhere to run programs. */
  executor: ExecutorName | 'none'
  state: 'running' | 'asleep' | 'unreachable'
  python: string | null
  live_runs: number | null
  live_installs: number | null
}

/** What the workspace takes on disk. Nobody knows while the sandbox sleeps. */
type Storage = { bytes: number; at_least: boolean; limit_bytes: number } | null

const ACTION = z.strictObject({ action: z.enum(['start', 'stop']) })
const LOCAL = 'Programs run on the machine of this server, as a process that begins and ends with the server.'
const NOT_STOPPED = {
  busy: 'Programs or installations are running in the sandbox. Next: stop them, or wait for them, then try again.',
  unsaved: 'The files of the sandbox could not be saved, so it was not stopped. Next: try again in a minute.',
}

export function usageRouter(deps: UsageDeps): Router<'/usage'> {
  return {
    handlers: {
      '/usage': {
        GET: async ({ url }) => {
          readQuery(url, {})
          const days = runsByDay(deps.sql, deps.now() - COUNTED_MS)
          return Response.json({ today: deps.today(), days, ...(await stateOf(deps)) })
        },
      },
      '/usage/sandbox': { POST: ({ request }) => act(request, deps) },
    },
    refused: (error) => {
      if (error instanceof NoExecutor) return refusal(409, error.message)
      if (!(error instanceof RunnerError)) return null
      const { code } = error
      return refusal(503, isSandboxFailure(code) ? sandboxFailureWords(code) : requestErrorWords(error, ''))
    },
    headers: { 'cache-control': 'no-store' },
  }
}

/** Looks without starting anything. */
async function stateOf({ executor }: UsageDeps): Promise<{ sandbox: SandboxState; storage: Storage }> {
  const unknown = { python: null, live_runs: null, live_installs: null }
  let where: ReturnType<UsageDeps['executor']>
  try {
    where = executor()
  } catch (error) {
    if (!(error instanceof NoExecutor)) throw error
    return { sandbox: { executor: 'none', state: 'unreachable', ...unknown }, storage: null }
  }
  const { runner, name, quota } = where
  try {
    if (await runner.asleep()) return { sandbox: { executor: name, state: 'asleep', ...unknown }, storage: null }
    const { python, live_runs, live_installs, use } = await runner.health()
    const sandbox: SandboxState = { executor: name, state: 'running', python, live_runs, live_installs }
    return { sandbox, storage: { ...use, limit_bytes: quota } }
  } catch (error) {
    if (!(error instanceof RunnerError)) throw error
    return { sandbox: { executor: name, state: 'unreachable', ...unknown }, storage: null }
  }
}

async function act(request: Request, { executor }: UsageDeps): Promise<Response> {
  const asked = ACTION.safeParse(await jsonBody(request))
  if (!asked.success) throw new BadRequest(400, 'This is no such request. Next: send {"action": "start"} or "stop".')
  const { runner } = executor()
  if (runner.stop === undefined) return refusal(409, `${LOCAL} Next: stop and start the server itself.`)
  if (asked.data.action === 'start') {
    await runner.warmUp()
    return Response.json({ state: 'running' })
  }
  const stopped = await runner.stop()
  return stopped === 'stopped' ? Response.json({ state: 'asleep' }) : refusal(409, NOT_STOPPED[stopped])
}
