/** Steps of a client of each revision: lists the tools, runs a program and watches it. */
import { readFileSync } from 'node:fs'
import {
  Client,
  InsufficientScopeError,
  SdkHttpError,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client'
import * as z from 'zod'
import { SmokeFailure } from './failure.ts'
import { refusal, request } from './http.ts'

/**
 * Longest time of a run. A container may have to start, and its image to arrive: longer than the server waits for that, and than the
 * program takes.
 */
const RUN_TIMEOUT_MS = 240_000
/** Least time from the first line to the result; the program takes two seconds after it. */
const LIVE_MS = 200

export type Revision = '2026-07-28' | '2025-11-25'

/** A run, as the data of its result in `_meta`. */
const outcome = z.object({
  status: z.string(),
  stdout: z.string(),
  executor: z.string(),
  hints: z.array(z.string()),
  installed_packages: z.array(z.string()),
  error: z.object({ type: z.string(), message: z.string() }).nullable(),
})

/** Connects in this revision, and in no other. */
export async function connect(origin: string, token: string, revision: Revision): Promise<Client> {
  const mode = revision === '2025-11-25' ? 'legacy' : { pin: revision }
  const client = new Client({ name: 'mcp-code-mode-smoke', version: '1' }, { versionNegotiation: { mode } })
  const requestInit = { headers: { authorization: `Bearer ${token}` } }
  await inWords(origin, 'Connecting', () =>
    client.connect(new StreamableHTTPClientTransport(new URL('/mcp', origin), { requestInit })),
  )
  const found = client.getNegotiatedProtocolVersion()
  if (found === revision) return client
  await client.close()
  throw new SmokeFailure(`The server speaks ${found}, not ${revision}.`, 'deploy again: npm run deploy')
}

export async function toolsOf(origin: string, client: Client): Promise<string> {
  const { tools } = await inWords(origin, 'Listing the tools', () => client.listTools())
  const names = tools.map(({ name }) => name)
  if (names.includes('run_python')) return `${names.length} tools`
  throw new SmokeFailure(`There is no run_python among ${names.join(', ')}.`, 'deploy again: npm run deploy')
}

/** Runs a program that takes two seconds and makes a picture of this name: its lines arrive while it runs, the picture with the result. */
export async function runsLive(origin: string, client: Client, picture: string): Promise<string> {
  const began = Date.now()
  let firstLine: number | undefined
  const { run, content } = await runProgram(origin, client, 'program.py', { stdin: `${picture}\n` }, (text) => {
    if (text.includes('step 1 of 4')) firstLine ??= Date.now()
  })
  const lines = 'step 1 of 4\nstep 2 of 4\nstep 3 of 4\nstep 4 of 4\non Python '
  if (!run.stdout.startsWith(lines)) {
    throw new SmokeFailure(
      `The output is wrong: ${JSON.stringify(run.stdout)}`,
      'run it again; if it stays so, report it.',
    )
  }
  if (firstLine === undefined || Date.now() - firstLine < LIVE_MS) {
    throw new SmokeFailure(
      'The output came with the result, not while the program ran.',
      'look for something between here and the Worker that collects responses (a proxy, an antivirus).',
    )
  }
  if (!content.some(({ type, mimeType }) => type === 'image' && mimeType === 'image/png')) {
    throw new SmokeFailure('The picture that the program made did not come back.', 'look at: npx wrangler tail')
  }
  const version = run.stdout.slice(lines.length).trim()
  return `first line after ${seconds(firstLine - began)}, a picture; ${run.executor}, Python ${version}`
}

export async function runsInstalled(origin: string, client: Client): Promise<string> {
  const { run } = await runProgram(origin, client, 'install.py', { auto_install: true })
  return run.installed_packages.length > 0 ? run.installed_packages.join(', ') : 'was installed already'
}

async function runProgram(
  origin: string,
  client: Client,
  file: string,
  args: Record<string, unknown>,
  onText: (text: string) => void = () => {},
) {
  const code = readFileSync(new URL(file, import.meta.url), 'utf8')
  const result = await inWords(origin, 'Running a program', () =>
    client.callTool(
      { name: 'run_python', arguments: { code, description: 'smoke test', ...args } },
      { timeout: RUN_TIMEOUT_MS, onprogress: ({ message }) => onText(message ?? '') },
    ),
  )
  const run = outcome.safeParse(result._meta?.['codemode/data'])
  if (run.success && run.data.status === 'success') {
    return {
      run: run.data,
      content: z.array(z.object({ type: z.string(), mimeType: z.string().optional() })).parse(result.content),
    }
  }
  const text = result.content
    .map((block) => (block.type === 'text' ? block.text : ''))
    .join('\n')
    .trim()
  throw new SmokeFailure(
    `The program did not succeed: ${text}`,
    'do what it says, or look for the reason: npx wrangler tail',
  )
}

/** Deletes the program's picture. */
export async function deletes(origin: string, token: string, picture: string): Promise<string> {
  const response = await request(origin, `/files/${picture}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${token}` },
  })
  await response.body?.cancel()
  if (response.ok) return picture
  throw refusal(response.status, origin)
}

/** The client's error, as a failure with a next step. */
async function inWords<T>(origin: string, what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (cause instanceof InsufficientScopeError) throw refusal(403, origin, { cause })
    if (cause instanceof SdkHttpError) throw refusal(cause.status, origin, { cause })
    const message = cause instanceof Error ? cause.message : 'no reason given'
    throw new SmokeFailure(`${what} failed: ${message}`, 'look at what the server says: npx wrangler tail', { cause })
  }
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`
}
