/** Watches whether a server that has started still answers: a runtime can hang, or fail to come back after a crash. */
import { setTimeout } from 'node:timers/promises'

const LOOK_EVERY_MS = 5_000
/** Looks without an answer in a row until the server counts as gone. They are counted, as a machine that slept has looked only once. */
const FAILED_LOOKS = 6

/** Asks `/health` at this origin as long as the process lives, and calls `gone` once, with words, when nothing has answered for 30 s. */
export function watchHealth(origin: string, gone: (words: string) => void): void {
  void watch(origin).then(() => {
    const seconds = (FAILED_LOOKS * LOOK_EVERY_MS) / 1000
    gone(`The server has not answered at ${origin} for ${seconds} s; stopping. Next: npm run dev`)
  })
}

/** Resolves when it is gone. */
async function watch(origin: string): Promise<void> {
  for (let failed = 0; failed < FAILED_LOOKS;) {
    const [answers] = await Promise.all([look(origin), setTimeout(LOOK_EVERY_MS, undefined, { ref: false })])
    failed = answers ? 0 : failed + 1
  }
}

async function look(origin: string): Promise<boolean> {
  try {
    const response = await fetch(`${origin}/health`, { signal: AbortSignal.timeout(LOOK_EVERY_MS) })
    await response.arrayBuffer()
    return true
  } catch {
    return false // nobody listens, or nobody answers
  }
}
