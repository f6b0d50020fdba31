/** The end of a local server: its two processes end together, however one of them ends. */
import type { ChildProcess } from 'node:child_process'
import { whenParentsEnd } from './parents.ts'
import type { WatchedRunner } from './watched-runner.ts'

/** Longest time that the Workers runtime may take to end by itself. */
const STOP_TIMEOUT_MS = 5_000

/**
 * Ctrl-C, a signal, or the end of either process ends both (null: there is no runner); the exit code is 0 only when we were asked to end.
 * `cleanUp` follows the runtime's end. Returns how to end both, and whether that has begun, also as a signal.
 */
export function endTogether(
  runtime: ChildProcess,
  runner: WatchedRunner | null,
  cleanUp: () => void,
): { end: (code: number) => void; hasBegun: () => boolean; ending: AbortSignal } {
  const ending = new AbortController()
  let exitCode: number | undefined
  const end = (code: number) => {
    if (exitCode !== undefined) return
    exitCode = code
    ending.abort()
    runner?.end()
    runtime.kill('SIGTERM')
    setTimeout(() => {
      runtime.kill('SIGKILL')
      runner?.kill()
    }, STOP_TIMEOUT_MS).unref()
  }
  whenParentsEnd(() => end(0))
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => end(0))
  runtime.once('exit', (code, signal) => {
    if (exitCode === undefined) console.error(unexpectedEnd('Workers runtime', code, signal))
    cleanUp()
    end(code ?? 1)
  })
  void runner?.ended.then(({ code, signal }) => {
    if (exitCode === undefined) console.error(unexpectedEnd('Python runner', code, signal))
    end(1)
  })
  process.once('beforeExit', () => process.exit(exitCode ?? 0))
  return { end, hasBegun: () => exitCode !== undefined, ending: ending.signal }
}

function unexpectedEnd(what: string, code: number | null, signal: NodeJS.Signals | null): string {
  return `The ${what} ended unexpectedly with ${signal ?? `code ${code}`}; stopping. Next: npm run dev`
}
