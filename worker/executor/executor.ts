/** Where this deployment runs programs: decided from what is configured, never by probing. */
import type { Env } from '../env.ts'
import type { ExecutorName } from '../run/outcome.ts'
import { NoExecutor } from '../run/words.ts'
import type { Runner } from '../run/runner.ts'
import { runnerClient } from '../runner/client.ts'
import { localFetch } from './local.ts'
import { workspaceQuota } from './quota.ts'

interface Executor {
  runner: Runner
  name: ExecutorName
  /** Bytes that the workspace may keep on disk. */
  quota: number
}

/** The runner of one user's workspace. Throws NoExecutor. */
export function chooseExecutor(env: Env, workspace: string): Executor {
  if (env.RUNNER_URL === undefined || env.RUNNER_TOKEN === undefined) throw new NoExecutor()
  const quota = workspaceQuota(env)
  return { runner: runnerClient(localFetch, env.RUNNER_URL, env.RUNNER_TOKEN, workspace, quota), name: 'local', quota }
}
