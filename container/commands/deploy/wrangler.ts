/** wrangler as a command: its input, its output, and its failures in words that name the next step. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import * as z from 'zod'
import { CannotStart } from '../cannot-start.ts'

const PROJECT = fileURLToPath(new URL('../../..', import.meta.url))

/** Lines that wrangler writes into the file of WRANGLER_OUTPUT_FILE_PATH. */
const entry = z.object({
  type: z.string(),
  code: z.number().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
  targets: z.array(z.string()).optional().catch(undefined),
})

export interface Failure {
  /** Error code of Cloudflare's API, where that has refused. */
  code?: number | undefined
  message: string
  /** wrangler's words, where nobody has seen them yet. */
  said: string
}

export interface Answer {
  stdout: string
  /** null: it has done its work. */
  failure: Failure | null
  /** The Worker's addresses after a deployment. */
  targets: string[]
}

/**
 * Runs wrangler, which never asks anything: it has no terminal to read from. `input` goes to its standard input; with `show` people see its
 * output, otherwise stdout is in the answer. `env`: the environment of wrangler.toml.
 */
export async function wrangler(
  args: string[],
  { env, input = '', show = false }: { env: string; input?: string; show?: boolean },
): Promise<Answer> {
  const folder = mkdtempSync(join(tmpdir(), 'deploy-'))
  const log = join(folder, 'wrangler.ndjson')
  try {
    const child = spawn('wrangler', [...args, `--env=${env}`], {
      cwd: PROJECT,
      stdio: ['pipe', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
      env: {
        WRANGLER_SEND_METRICS: 'false',
        ...process.env,
        PATH: [process.env['PATH'], join(PROJECT, 'node_modules', '.bin')].join(delimiter),
        WRANGLER_OUTPUT_FILE_PATH: log,
      },
    })
    child.stdin?.on('error', () => {}) // it may end before it has read everything
    child.stdin?.end(input)
    const [code, stdout, stderr] = await Promise.all([
      new Promise<number | null>((resolve, reject) => {
        const cannot = 'wrangler could not be started. Fix: npm install, then npm run deploy.'
        child.once('error', (cause) => reject(new CannotStart(cannot, { cause }))).once('close', resolve)
      }),
      child.stdout ? text(child.stdout) : '',
      child.stderr ? text(child.stderr) : '',
    ])
    const entries = entriesOf(log)
    const failed = entries.findLast(({ type }) => type === 'command-failed')
    return {
      stdout,
      failure:
        code === 0
          ? null
          : { code: failed?.code, message: failed?.message || `exit code ${code}`, said: plain(stderr) },
      targets: entries.find(({ type }) => type === 'deploy')?.targets ?? [],
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function plain(words: string): string {
  return stripVTControlCharacters(words).trim()
}

function entriesOf(log: string): z.infer<typeof entry>[] {
  let lines
  try {
    lines = readFileSync(log, 'utf8').split('\n')
  } catch {
    return [] // it ended before it had anything to say
  }
  return lines.filter((line) => line !== '').map((line) => entry.parse(JSON.parse(line)))
}

/** Way to a login that may deploy. */
export const LOG_IN =
  'npx wrangler login; or, where there is no browser, set CLOUDFLARE_API_TOKEN to a token of the template "Edit Cloudflare Workers" with "Containers: Edit" of the account added (https://dash.cloudflare.com/profile/api-tokens).'

/** The next step for frequent refusals of Cloudflare's API, by code. */
const NEXT: Record<number, string> = {
  10000: `Fix: ${LOG_IN}`,
  10001: `Fix: ${LOG_IN}`,
  10042:
    'Fix: enable R2 once for the account (https://dash.cloudflare.com/?to=/:account/r2), then npm run deploy again.',
}

/**
 * A failed step as one error: the step, the reason, and the next step, which is `next` where Cloudflare's code does not tell a better one.
 */
export function stepFailed(
  step: string,
  { code, message, said }: Failure,
  next = 'Next: see above, and run it again: what was done stays done.',
): CannotStart {
  const reason = `${message}${code === undefined ? '' : ` [code: ${code}]`}`
  const words = [`${step} failed: ${reason}`, said, (code !== undefined && NEXT[code]) || next]
  return new CannotStart(words.filter((line) => line !== '').join('\n'))
}
