/** The Workers runtime as a child process: it ends when this process does, however that ends. */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import * as z from 'zod'
import { CannotStart } from '../cannot-start.ts'

/** The child's order. It goes over the IPC channel, as it holds secrets: a command line can be read by every user of the machine. */
export interface RuntimeOrder {
  /** wrangler's configuration file. */
  config: string
  /** Files with variables of the Worker. */
  envFiles: string[]
  /** Variables of the Worker, which override the files. */
  vars: Record<string, string>
  /** Folder for objects, KV and R2. */
  state: string
  /** 0: any free port of 127.0.0.1. */
  port: number
  inspectorPort?: number
  /** Mark of the containers and their image; null: there are none. */
  containers: string | null
  /** Set to start the Worker anew when its files change. */
  watch: boolean
  verbose: boolean
}

const runtimeNews = z.discriminatedUnion('event', [
  z.object({ event: z.literal('ready'), origin: z.string() }),
  z.object({ event: z.literal('reloaded') }),
  z.object({ event: z.literal('buildFailed') }),
  z.object({ event: z.literal('failed'), reason: z.string() }),
])
export type RuntimeNews = z.infer<typeof runtimeNews>

/** Longest time from the runtime's word that it listens to an answer. */
const ANSWER_TIMEOUT_MS = 20_000
const ANSWER_CHECK_MS = 50

/** Node's compiled wrangler, for the next start. */
const COMPILED = fileURLToPath(new URL('../../../.wrangler/compiled', import.meta.url))

export interface WorkersRuntime {
  child: ChildProcess
  /** `http://127.0.0.1:PORT`. Resolves when the Worker answers there; rejects with CannotStart. */
  origin: Promise<string>
}

/**
 * Starts it; `env` is added to its environment. It loads what it needs, which takes longest, while more variables of the Worker are waited
 * for.
 */
export function startWorkersRuntime(
  order: RuntimeOrder,
  env: Record<string, string> = {},
  moreVars: Promise<RuntimeOrder['vars']> | RuntimeOrder['vars'] = {},
): WorkersRuntime {
  const child = spawn(process.execPath, [fileURLToPath(new URL('workers-runtime.ts', import.meta.url))], {
    // The runtime has a session of its own: Ctrl-C reaches its parent alone, which ends things in order.
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, NODE_COMPILE_CACHE: COMPILED, ...env },
  })
  const origin = new Promise<string>((resolve, reject) => {
    child.on('message', (message) => {
      const news = runtimeNews.parse(message)
      if (news.event === 'ready') resolve(answers(news.origin, child))
      else if (news.event === 'failed') reject(new CannotStart(failure(news.reason)))
    })
    child.once('error', (error) => reject(new CannotStart(failure(error.message))))
    child.once('exit', (code, signal) => reject(new CannotStart(failure(`it ended with ${signal ?? `code ${code}`}`))))
  })
  origin.catch(() => {}) // whoever waits for it hears of it
  child.send(order)
  void Promise.resolve(moreVars).then((given) => child.connected && child.send(given))
  return { child, origin }
}

/** Calls `tell` for builds after the start; `fail` gets the reason of a failure with which it ends. */
export function onReload(child: ChildProcess, tell: (isBuilt: boolean) => void, fail: (reason: string) => void): void {
  child.on('message', (message) => {
    const news = runtimeNews.parse(message)
    if (news.event === 'reloaded') tell(true)
    if (news.event === 'buildFailed') tell(false)
    if (news.event === 'failed') fail(news.reason)
  })
}

async function answers(origin: string, child: ChildProcess): Promise<string> {
  const deadline = Date.now() + ANSWER_TIMEOUT_MS
  for (;;) {
    try {
      if ((await fetch(`${origin}/health`)).status < 500) return origin
    } catch {
      // it does not listen yet
    }
    if (Date.now() > deadline || !child.connected)
      throw new CannotStart(failure(`it does not answer at ${origin}/health`))
    await new Promise((resolve) => setTimeout(resolve, ANSWER_CHECK_MS))
  }
}

function failure(reason: string): string {
  if (/address already in use/i.test(reason)) {
    return 'The Workers runtime did not start: its port was taken meanwhile. Next: choose another: npm run dev -- --port 0'
  }
  if (reason.includes(' Next: ')) return `The Workers runtime did not start: ${reason}`
  const said = reason.endsWith('.') ? reason.slice(0, -1) : reason
  return `The Workers runtime did not start: ${said}. Next: see what it says above, or npm run dev -- --verbose.`
}
