/**
 * What a request costs grows with the length of its texts, not with the square, up to the longest that is accepted: for every argument
 * of every tool as `tools/list` has them, for HTTP, and for what programs print. Patterns are proven by `test/lint/patterns.test.ts`;
 * this finds loops, too. Only ratios are judged, with much room, and the best of several measurements.
 */
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type DevServer, startDevServer } from '../support/dev-server.ts'
import { SLOW_TEXTS } from '../support/slow-texts.ts'
import { inputTexts } from '../support/tool-texts.ts'
import { boundOf, connectUnasked } from '../support/unasked.ts'

/** The shorter text is so many times shorter. */
const STEP = 8
/** A longer text may take so many times what growing with the length explains. A square would be STEP times. */
const ROOM = 3
/** What a request takes whatever is in it, with a program that starts and a busy machine. Milliseconds. */
const FIXED_MS = 100
const MEASUREMENTS = 4
/** Enough for thousands of requests: it only ends what hangs. */
const PATIENCE_MS = 600_000
/** After which a request is given up, and the text counts as slow. */
const GIVEN_UP_MS = 45_000

/** Longest text that is tried: with six bytes a character, which some take in JSON, nearly as much as a request holds. */
const MOST_CHARS = 512 * 1024

let server: DevServer
let client: Client
beforeAll(async () => {
  server = await startDevServer()
  client = new Client({ name: 'linear-cost', version: '1' })
  const headers = { authorization: `Bearer ${server.token}` }
  await client.connect(new StreamableHTTPClientTransport(new URL(`${server.origin}/mcp`), { requestInit: { headers } }))
}, 180_000)
afterAll(async () => {
  await client?.close()
  await server?.kill()
  await server?.stop()
})

interface Entry {
  name: string
  /** Longest text, in characters. */
  most: number
  send: (text: string) => Promise<unknown>
}

/** The first text that took more than its length explains; null when none did. */
async function slow({ name, most, send }: Entry): Promise<string | null> {
  for (const [kind, text] of Object.entries(SLOW_TEXTS)) {
    const [short, long] = [text(Math.floor(most / STEP)), text(most)]
    let [ofShort, ofLong] = [FIXED_MS, await timeOf(() => send(long))]
    // Only what takes longer than any request may is measured again, beside the shorter one.
    const again: number[] = []
    while (again.length < MEASUREMENTS && ofLong > STEP * ROOM * ofShort && ofLong < GIVEN_UP_MS) {
      again.push(await timeOf(() => send(short)))
      ofShort = Math.max(FIXED_MS, Math.min(...again))
      ofLong = Math.min(ofLong, await timeOf(() => send(long)))
    }
    if (ofLong > STEP * ROOM * ofShort) {
      return `${name}, ${kind}: ${Math.round(ofLong)} ms, and ${again.map(Math.round).join(', ')} ms for 1/${STEP} of it`
    }
  }
  return null
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

/** Whether it is accepted or refused: what it takes is asked. */
function call(name: string, args: Record<string, unknown>): Promise<unknown> {
  const options = { timeout: GIVEN_UP_MS }
  return client.callTool({ name, arguments: args }, options).catch((error: unknown) => {
    if (String(error).includes('timed out')) return
    throw error
  })
}

async function http(path: string, init: { method?: string; body?: string; headers?: Record<string, string> } = {}) {
  const headers = { authorization: `Bearer ${server.token}`, 'content-type': 'application/json', ...init.headers }
  const response = await fetch(server.origin + path, { ...init, headers, signal: AbortSignal.timeout(GIVEN_UP_MS) })
  await response.arrayBuffer()
  expect(response.status, path.slice(0, 50)).toBeLessThan(500)
}

const post = (path: string, body: unknown) => http(path, { method: 'POST', body: JSON.stringify(body) })

/** What a tool needs so that its text is looked at. */
const BESIDE: Record<string, Record<string, unknown>[]> = {
  configure: ['allowed_packages', 'allowed_hosts', 'max_output_bytes'].map((key) => ({ action: 'set', key })),
}

test(
  'arguments of tools',
  async () => {
    const entries = new Map<string, Entry>()
    const unasked = await connectUnasked()
    for (const text of await inputTexts(client)) {
      const { tool, name, with: put } = text
      const { most } = (await boundOf(unasked, text))!
      for (const [index, beside] of (BESIDE[tool] ?? [{}]).entries()) {
        const send = (text: string) => call(tool, { ...beside, ...put(text) })
        // The tools that run programs share their arguments. What is longest is bounded by the body that holds it, in JSON.
        const key = `${name} ${most} ${index}`
        if (!entries.has(key)) entries.set(key, { name: `${tool}: ${name}`, most: Math.min(most, MOST_CHARS), send })
      }
    }
    expect(entries.size).toBeGreaterThan(15)
    for (const entry of entries.values()) expect(await slow(entry)).toBeNull()
  },
  PATIENCE_MS,
)

test.each<[string, number, (text: string) => Promise<unknown>]>([
  ['a setting', 1_000_000, (text) => post('/config', { allowed_packages: text })],
  ['a list of a setting', 1_000_000, (text) => post('/config', { blocked_packages: [text, text] })],
  ['the name of a setting', 1_000_000, (text) => post('/config', { [text]: 1 })],
  [
    'texts of a learning',
    300_000,
    (text) => post('/learnings/import', [{ error_pattern: text, solution: text, tags: text }]),
  ],
  [
    'its time and origin',
    300_000,
    (text) => post('/learnings/import', [{ error_pattern: 'E', solution: 's', created_at: text, last_used: text }]),
  ],
  ['a search', 1_000, (text) => http(`/learnings?search=${encodeURIComponent(text)}`)],
  ['the name of a file', 4_000, (text) => http(`/files/${encodeURIComponent(text)}`)],
  ['an address', 8_000, (text) => http(`/${encodeURIComponent(text)}`)],
  [
    'a message',
    16_000,
    (text) => post('/mcp', { jsonrpc: '2.0', id: 1, method: 'resources/read', params: { uri: text } }),
  ],
  [
    'the registration of a client',
    10_000,
    (text) => post('/oauth/register', { client_name: text, redirect_uris: [text] }),
  ],
  ...[
    'accept',
    'cookie',
    'origin',
    'content-type',
    'authorization',
    'last-event-id',
    'mcp-session-id',
    'mcp-protocol-version',
  ].map((name): [string, number, (text: string) => Promise<unknown>] => [
    `the header ${name}`,
    8_000,
    (text) => http('/mcp', { method: 'POST', body: '{}', headers: { [name]: `x${text.replaceAll(/[^ -~]/g, ' ')}x` } }),
  ]),
])(
  '%s',
  async (name, most, send) => {
    expect(await slow({ name, most, send })).toBeNull()
  },
  PATIENCE_MS,
)

test.each([
  ['prints', 1_000_000, 'import sys, json\nprint(TEXT)'],
  ['prints to stderr', 1_000_000, 'import sys\nprint(TEXT, file=sys.stderr)'],
  ['prints among its files', 200_000, 'for n in range(50):\n    open(f"{n}.txt", "w").write("x")\nprint(TEXT)'],
  ['raises', 200_000, 'raise ValueError(TEXT)'],
  ['misses as a module', 20_000, 'raise ModuleNotFoundError(f"No module named {TEXT!r}", name=TEXT)'],
  [
    'says when its command fails',
    20_000,
    'import subprocess\nsubprocess.run(["sh", "-c", "exit 1", TEXT], check=True)',
  ],
])(
  'what a program %s',
  async (name, most, code) => {
    const send = (text: string) => {
      const files = { 'text.txt': text }
      return call('run_python', { files, code: `TEXT = open("text.txt", newline="").read()\n${code}` })
    }
    expect(await slow({ name, most, send })).toBeNull()
  },
  PATIENCE_MS,
)
