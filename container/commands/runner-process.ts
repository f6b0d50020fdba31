/** The local runner as a child process: it ends when this process does, however that ends. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import * as z from 'zod'
import { CannotStart } from './cannot-start.ts'

const listening = z.object({ port: z.int() })

export interface RunnerProcess {
  child: ChildProcess
  port: number
  /** `http://127.0.0.1:PORT` */
  url: string
  token: string
}

/**
 * Starts the runner on a free port of loopback, or in place of another one, `at` its port and with its token. Throws CannotStart when it
 * does not come up.
 */
export async function startRunner(
  python: string,
  root: string,
  files?: string,
  at?: RunnerProcess,
): Promise<RunnerProcess> {
  const token = at?.token ?? randomBytes(32).toString('hex')
  const args = [
    '-m',
    'runner',
    '--port',
    String(at?.port ?? 0),
    '--root',
    root,
    '--exit-with-stdin',
    '--also-at',
    '/mnt/data',
  ]
  if (files !== undefined) args.push('--files', files)
  // macOS does not promise that a warm interpreter may be forked once its frameworks are in use.
  if (process.platform === 'darwin') args.push('--start', 'plain')
  const child = spawn(python, args, {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    // The token goes by environment: a command line can be read by every user of the machine.
    env: { ...process.env, RUNNER_TOKEN: token },
    // Its input stays open as long as this process lives.
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const port = await new Promise<number>((resolve, reject) => {
    child.once('error', (error) => reject(new CannotStart(`The Python runner did not start (${error.message}).`)))
    child.once('exit', (code) =>
      reject(new CannotStart(`The Python runner ended at once with code ${code}. Fix: see its message above.`)),
    )
    createInterface({ input: child.stdout }).once('line', (line) => {
      resolve(listening.parse(JSON.parse(line)).port)
    })
  })
  return { child, port, url: `http://127.0.0.1:${port}`, token }
}
