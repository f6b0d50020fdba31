/** The session's way to the runner in its user's sandbox. */
import type { NetworkPolicy } from '../run/network/policy.ts'
import type { Runner } from '../run/contract/runner.ts'
import { RunnerError } from '../run/contract/errors.ts'
import { SANDBOX_START_MS } from '../run/contract/bounds.ts'
import { runnerClient } from '../runner/client.ts'
import type { Sandbox } from './sandbox.ts'

/** Any name works: requests go to the container's port, not to a host. */
export const ORIGIN = 'http://runner'
/** Header of each request from the session to the object: the network policy of the user's programs. */
export const POLICY_HEADER = 'x-network-policy'
/** Name of the error of an object that was given no container. */
export const OFF = 'ContainersOff'
/** Reason why an object ended itself before it passed anything on: then the next object of the same user is asked. */
export const RENEWED = 'the sandbox object starts anew'
/** Time until the runtime has let go of the state that it kept for the ended object. */
const RENEWAL_MS = 500

/** The runner in one user's sandbox. Every method starts the container if need be. `policy` is asked for with each request. */
export function sandboxRunner(
  sandboxes: DurableObjectNamespace<Sandbox>,
  workspace: string,
  quota: number,
  policy: () => NetworkPolicy,
): Runner {
  // Each question gets a new stub: one that has seen its object fail stays broken.
  async function ask<T>(question: (sandbox: DurableObjectStub<Sandbox>) => Promise<T>, isFirst = true): Promise<T> {
    try {
      return await question(sandboxes.getByName(workspace))
    } catch (cause) {
      if (isFirst && cause instanceof Error && cause.message === RENEWED) {
        await scheduler.wait(RENEWAL_MS)
        return ask(question, false)
      }
      if (cause instanceof Error && cause.name === OFF)
        throw new RunnerError('sandbox_off', 'this server has no containers', cause)
      throw new RunnerError('sandbox_unreachable', 'the sandbox could not be reached', cause)
    }
  }
  const send = async (request: Request) => {
    request.headers.set(POLICY_HEADER, JSON.stringify(policy()))
    const { url, method, headers, signal } = request
    if (method !== 'POST') return ask((sandbox) => sandbox.fetch(request))
    // The body is a program or a list of packages, which may have to be sent a second time.
    const body = await request.arrayBuffer()
    return ask((sandbox) => sandbox.fetch(url, { method, headers, signal, body }))
  }
  // The object adds the token, which nobody else knows.
  const client = runnerClient(send, ORIGIN, '', workspace, quota, SANDBOX_START_MS)
  // A container that has frozen, or is gone, is noticed by the check: that may be asked for once more, a start may not.
  const { checkAndStart: _, ...others } = client
  return {
    ...others,
    asleep: () => ask((sandbox) => sandbox.asleep(policy())),
    async wake() {
      const failure = await ask((sandbox) => sandbox.wake(policy()))
      if (failure !== null) throw new RunnerError(failure, 'the sandbox did not start')
    },
    async warmUp() {
      const { failure, started } = await ask((sandbox) => sandbox.warmUp(policy()))
      if (failure !== null) throw new RunnerError(failure, 'the sandbox did not start')
      return started
    },
    stop: () => ask((sandbox) => sandbox.sleepNow()),
    refusedHosts: (withinMs) => ask((sandbox) => sandbox.refusedHosts(withinMs)),
  }
}
