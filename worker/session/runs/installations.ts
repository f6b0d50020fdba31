/** Installations that a tool asks for. Each takes a place as a program does, and its time counts as a program's. */
import type { InstallEvent } from '../../run/contract/protocol.ts'
import type { Runner } from '../../run/contract/runner.ts'
import { STARTING_SANDBOX } from '../../run/words/platform.ts'
import type { Places } from './places.ts'

export interface InstallationDeps {
  places: Places
  runner: Runner
  /** Called with the duration of an installation, however it ended. */
  spent: (ms: number) => void
  /** Milliseconds since 1970. */
  now: () => number
}

/** Waits for a place and installs. Throws Busy when too many wait already. Ends without `done` when it is aborted. */
export async function* install(
  specs: string[],
  timeoutS: number,
  signal: AbortSignal,
  { places, runner, spent, now }: InstallationDeps,
): AsyncGenerator<InstallEvent> {
  const isFree = places.isFree()
  if (!isFree) {
    yield { type: 'output', text: `Waiting: ${places.taken} programs or installations of this session are running.\n` }
  }
  const leave = isFree ? places.take() : await placeInTurn(places, signal)
  try {
    // The start of a sandbox for it costs no run minutes, as with a program.
    if (!signal.aborted && (await runner.asleep())) {
      yield { type: 'output', text: `${STARTING_SANDBOX}\n` }
      await runner.warmUp()
    }
    if (signal.aborted) return
    const began = now()
    try {
      yield* runner.install(specs, timeoutS, signal)
    } catch (error) {
      // When it is aborted before the runner has answered, it looks as if there were no runner.
      if (!signal.aborted) throw error
    } finally {
      spent(now() - began)
    }
  } finally {
    leave()
  }
}

/** A place as soon as there is one, or when the signal is aborted. */
async function placeInTurn(places: Places, signal: AbortSignal): Promise<() => void> {
  const { promise, resolve } = Promise.withResolvers<() => void>()
  const begin = places.wait(() => resolve(places.take()))
  signal.addEventListener('abort', begin)
  if (signal.aborted) begin()
  try {
    return await promise
  } finally {
    signal.removeEventListener('abort', begin)
  }
}
