/** The place where this deployment runs programs: decided from its configuration, never by probing. */
import type { Env } from '../env.ts'
import type { NetworkPolicy } from '../run/network/policy.ts'
import type { ExecutorName } from '../run/contract/outcome.ts'
import type { Runner } from '../run/contract/runner.ts'
import { NoExecutor } from '../run/contract/errors.ts'
import { runnerClient } from '../runner/client.ts'
import type { Capabilities, Settings } from '../settings/settings.ts'
import { SANDBOX_IMAGE } from './image.ts'
import { localFetch } from './local.ts'
import { workspaceQuota } from './quota.ts'
import { sandboxRunner } from './sandbox-runner.ts'

interface Executor {
  runner: Runner
  name: ExecutorName
  /** Most bytes that the workspace may keep on disk. */
  quota: number
}

/**
 * The executor that this server has, or null. A local runner comes first: `npm run dev` binds a sandbox, but switches its containers off.
 */
function availableExecutor(
  env: Env,
): { name: ExecutorName; runner: (workspace: string, quota: number, policy: () => NetworkPolicy) => Runner } | null {
  const { RUNNER_URL, RUNNER_TOKEN, SANDBOX } = env
  if (RUNNER_URL !== undefined && RUNNER_TOKEN !== undefined) {
    const runner = (workspace: string, quota: number) =>
      runnerClient(localFetch, RUNNER_URL, RUNNER_TOKEN, workspace, quota)
    return { name: 'local', runner }
  }
  if (SANDBOX === undefined) return null
  return { name: 'sandbox', runner: (...workspace) => sandboxRunner(SANDBOX, ...workspace) }
}

/** The settings that this server can enforce. Without any executor they can still be looked at, as a local server's. */
export function capabilitiesOf(env: Env): Capabilities {
  const executor = availableExecutor(env)?.name ?? 'local'
  return executor === 'sandbox' ? { executor, image: `container/Dockerfile on ${SANDBOX_IMAGE}` } : { executor }
}

/** The runner of one user's workspace. Throws NoExecutor, also when this server lacks the user's mode. */
export function chooseExecutor(env: Env, workspace: string, settings: () => Settings): Executor {
  const available = availableExecutor(env)
  const mode = settings().execution_mode
  if (available === null) throw NoExecutor.atAll()
  if (mode !== 'auto' && mode !== available.name) throw NoExecutor.ofMode(mode)
  const quota = workspaceQuota(env)
  const policy = () => {
    const { network, allowed_hosts } = settings()
    return { network, allowed_hosts }
  }
  return { runner: available.runner(workspace, quota, policy), name: available.name, quota }
}
