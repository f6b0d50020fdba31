/** A run's events from its runner, through broken connections. */
import { RunnerError } from '../contract/errors.ts'
import type { OutcomeFold } from './outcome-fold.ts'
import type { CheckedEvent, RunEvent } from '../contract/protocol.ts'
import type { RunDeps, RunStep } from '../contract/step.ts'

/** Most times in a row without progress that a broken connection is taken up again; then the run counts as lost. */
const MAX_REATTACHMENTS = 3

/**
 * A run's events until its exit, through broken connections. Ends without an exit in `fold` when the run is lost, or when the program was
 * only read, as `checked` is told. Throws only before the first event, and only when `source` starts the run: then nothing of the program
 * is known to have run.
 */
export async function* follow(
  id: string,
  source: () => AsyncGenerator<RunEvent | CheckedEvent>,
  fold: OutcomeFold,
  { runner, signal, wait, begun }: RunDeps,
  starting = true,
  checked: (event: CheckedEvent) => void = () => {},
): AsyncGenerator<RunStep> {
  const cancel = () => {
    runner.cancel(id).catch(() => {
      // An unreachable runner gives no events either, and the loop below ends the run as lost.
    })
  }
  signal.addEventListener('abort', cancel)
  let after = 0
  try {
    for (let broken = 0; broken <= MAX_REATTACHMENTS; broken++) {
      if (broken > 0) await wait(100 * broken ** 2)
      try {
        for await (const event of source()) {
          if (event.type === 'heartbeat') {
            yield event
            continue
          }
          if (event.type === 'checked') {
            checked(event)
            if (!event.starts) return
            starting = false
            continue
          }
          // The abort may have come before the runner knew the run.
          if (event.type === 'started' && signal.aborted) cancel()
          after = event.n
          broken = 0
          if (event.type === 'started') begun?.(fold)
          fold.add(event)
          yield event
          if (event.type === 'exit') return
        }
      } catch (error) {
        if (!(error instanceof RunnerError) || (starting && after === 0)) throw error
        if (error.code === 'not_found') return
      }
      starting = false
      source = () => runner.attach(id, after)
    }
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}
