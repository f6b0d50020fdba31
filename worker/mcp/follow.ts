/** Follows a run's output for as long as its reader waits. */
import type { ServerContext } from '@modelcontextprotocol/server'
import type { ReadableRun } from '../run/contract/readable-run.ts'
import { pause } from '../waiting.ts'
import { reportProgress } from './progress.ts'

/**
 * Reports a run's output from its beginning until it ends, the time is up, or the caller has left. Resolves to whether it has ended. Only
 * the following ends: the run goes on.
 */
export async function follow(
  run: ReadableRun,
  seconds: number,
  mcpReq: ServerContext['mcpReq'],
  ready: () => Promise<void>,
): Promise<boolean> {
  const done = new AbortController()
  let timeUp = false
  let hasEnded = false
  const timer = pause(seconds * 1000, AbortSignal.any([mcpReq.signal, done.signal])).then(() => {
    timeUp = true
    return null
  })
  const over = () => {
    hasEnded = true
    return null
  }
  // A rejection ends it, too: the run's receipt says why it could not be started.
  const outcome = Promise.race([run.outcome.then(over, over), timer])
  async function* read() {
    const items = run.read()
    while (!timeUp) {
      const next = await Promise.race([items.next(), timer])
      if (next === null || next.done === true) return
      yield next.value
    }
  }
  try {
    await reportProgress({ read, outcome }, mcpReq, ready)
    await outcome
    return hasEnded
  } finally {
    done.abort()
  }
}
