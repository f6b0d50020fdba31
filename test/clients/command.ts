/** Programs of others, with nothing of this process's environment but what they are given. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname } from 'node:path'
import { text } from 'node:stream/consumers'

/** A client that takes longer than this hangs. */
const TIMEOUT_MS = 120_000

export const SYSTEM_PATH = `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`

/** Nobody listens there: what a client would fetch from its maker, or tell it, does not leave this machine. */
const NO_INTERNET = { HTTPS_PROXY: 'http://127.0.0.1:9', NO_PROXY: '127.0.0.1,localhost' }

interface Options {
  cwd: string
  env: Record<string, string>
  /** What it reads from standard input; nothing when left out. */
  stdin?: string
  /** Ends it. */
  signal?: AbortSignal | undefined
}

/** What the command printed. Throws with all of it when the command fails. */
export async function output(
  command: string,
  args: string[],
  { cwd, env, stdin = '', signal }: Options,
): Promise<string> {
  const child = spawn(command, args, {
    cwd,
    env: { PATH: SYSTEM_PATH, ...NO_INTERNET, ...env },
    timeout: TIMEOUT_MS,
    signal,
  })
  child.stdin.on('error', () => {
    // It may end without having read everything; how it ended says why.
  })
  child.stdin.end(stdin)
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  if (child.exitCode === 0) return stdout
  throw new Error(
    `${[command, ...args].join(' ')} ended with ${child.signalCode ?? child.exitCode}:\n${stdout}${stderr}`,
  )
}
