/** The runner of a local server, whose process ids the claim of the state folder knows: a later start can end what was left. */
import { baseInterpreter } from '../python.ts'
import { startRunner } from '../runner-process.ts'
import type { Claim } from './running-server.ts'
import { startWatchedRunner, type WatchedRunner } from './watched-runner.ts'

/** `environment`: the virtual environment that it runs in. `workspace`: the folder of programs, where it is not below `root`. */
export function startClaimedRunner(
  environment: string,
  { root, workspace }: { root: string; workspace: string | undefined },
  claim: Claim,
): Promise<WatchedRunner> {
  return startWatchedRunner(async (at) => {
    const started = await startRunner(baseInterpreter(environment), root, workspace, at)
    if (started.child.pid !== undefined) claim.started(started.child.pid)
    return started
  })
}
