/** The local runner, started anew when one of its files changes: at the same address and with the same token, which the Worker knows. */
import type { ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, readFileSync, watch } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CannotStart } from '../cannot-start.ts'
import type { RunnerProcess } from '../runner-process.ts'

const FOLDER = fileURLToPath(new URL('../../runner', import.meta.url))
/** Pause after a change: an editor, or a checkout, writes one file after the other. */
const SETTLE_MS = 200
/** Longest time that a runner may take to end by itself. */
const STOP_TIMEOUT_MS = 5_000

export interface WatchedRunner {
  url: string
  token: string
  /** Exit code or signal of a runner that ended by itself. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  /** Ends it for good; it may take a moment. */
  end(): void
  kill(): void
}

/** Starts the runner by `start`, which is called again with the first one's address. Throws CannotStart when the first does not come up. */
export async function startWatchedRunner(
  start: (at?: RunnerProcess) => Promise<RunnerProcess>,
): Promise<WatchedRunner> {
  let files = digest()
  const first = await start()
  const { promise: ended, resolve } = Promise.withResolvers<Awaited<WatchedRunner['ended']>>()
  /** The runner's process; null while another is started, and when that failed. */
  let current: ChildProcess | null = null
  let isRenewing = false
  let isEnding = false
  let settled: NodeJS.Timeout | undefined

  const follow = (child: ChildProcess) => {
    current = child
    child.once('exit', (code, signal) => {
      if (child === current) resolve({ code, signal })
    })
  }
  const restart = async () => {
    const old = current
    current = null
    if (old !== null) await stop(old)
    if (isEnding) return
    try {
      const { child } = await start(first)
      follow(child)
      if (isEnding) return void child.stdin?.end()
      console.log('The Python runner was started anew, as its files have changed. Programs that ran were ended.')
    } catch (error) {
      if (!(error instanceof CannotStart)) throw error
      console.error(`${error.message} It is started when its files change again.`)
    }
  }
  const renew = async () => {
    if (isRenewing) return
    isRenewing = true
    // Changes in the meantime are seen at the end of each round.
    for (let now = digest(); now !== files && !isEnding; now = digest()) {
      files = now
      await restart()
    }
    isRenewing = false
  }

  follow(first.child)
  const watcher = watch(FOLDER, { recursive: true }, () => {
    clearTimeout(settled)
    settled = setTimeout(() => void renew(), SETTLE_MS)
  })
  return {
    url: first.url,
    token: first.token,
    ended,
    end() {
      isEnding = true
      clearTimeout(settled)
      watcher.close()
      current?.stdin?.end()
    },
    kill: () => void current?.kill('SIGKILL'),
  }
}

/** Ends the runner, which ends with its input. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
  child.stdin?.end()
  await ended
  clearTimeout(timer)
}

/** Digest of all the runner's files. Events alone tell too much: Python writes its caches beside the files. */
function digest(): string {
  const hash = createHash('sha256')
  const entries = readdirSync(FOLDER, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  for (const path of paths.filter((each) => isSource(each)).toSorted()) {
    try {
      hash.update(`${path}\0`).update(readFileSync(path))
    } catch {
      // it was removed meanwhile, which is another event
    }
  }
  return hash.digest('hex')
}

function isSource(path: string): boolean {
  return path.endsWith('.py') || path.includes('/for_programs/bin/')
}
