/** Whatever a run came to, its result fits into an event that every client takes, and says what did not fit. */
import type { CallToolResult } from '@modelcontextprotocol/server'
import { describe, expect, test } from 'vitest'
import { ATTACHMENT_LIMITS } from '../../worker/files/attach.ts'
import type { FileSource } from '../../worker/mcp/caller.ts'
import { runResult } from '../../worker/mcp/results/result.ts'
import { installEvent } from '../../worker/run/contract/protocol.ts'
import { OutcomeFold } from '../../worker/run/execution/outcome-fold.ts'
import type { RunOutcome } from '../../worker/run/contract/outcome.ts'
import { png } from '../support/pillow.ts'
import { dataOf } from '../support/tool-result.ts'

/** The Python SDK refuses what is above 1,048,576. */
const MAX_BYTES = 1_000_000

/** The event of the result as it goes over the wire. */
function eventBytes(result: CallToolResult): number {
  const message = JSON.stringify({ jsonrpc: '2.0', id: 'x'.repeat(1_000), result })
  return Buffer.byteLength(`event: message\nid: ${'x'.repeat(100)}\ndata: ${message}\n\n`)
}

/** Characters that cost more in JSON or UTF-8 than others. */
const COSTLY = { plain: 'a', quote: '"', control: '\u0001', wide: '漢', emoji: '😀', escape: '\\', surrogate: '\ud800' }
const full = (character: string, chars: number) => character.repeat(Math.ceil(chars / character.length)).slice(0, chars)

interface Made {
  stdout: string
  stderr: string
  files: { path: string; mime: string; body: Buffer }[]
  more?: Partial<RunOutcome>
}

/** Its converted pictures have exactly as many bytes as they may. */
async function resultOf({ stdout, stderr, files, more = {} }: Made): Promise<CallToolResult> {
  const fold = new OutcomeFold()
  let n = 0
  fold.add({ n: ++n, type: 'stdout', text: stdout })
  fold.add({ n: ++n, type: 'stderr', text: stderr })
  for (const { path, mime, body } of files) {
    fold.add({ n: ++n, type: 'file', path, change: 'created', bytes: body.length, mime })
  }
  const bodies = new Map(files.map(({ path, body }) => [path, body]))
  const source: FileSource = {
    async readFile(path, maxBytes) {
      const body = bodies.get(path)!
      return body.length > maxBytes ? { bytes: body.length } : { body: new Uint8Array(body).buffer, mime: '' }
    },
    readPicture: async (path, maxBytes) => ({ body: new Uint8Array(pictureOf(path, maxBytes)).buffer }),
    downloadUrl: async (path) => `https://code.example.com/files/${encodeURIComponent(path)}?${'x'.repeat(300)}`,
  }
  return runResult({ ...fold.outcome('r_0123456789abcdef', 'local'), ...more }, source)
}

/** A PNG of so many bytes, which no other path has. */
function pictureOf(path: string, bytes: number): Buffer {
  const chars = Math.max(0, bytes - png({ padding: 'x' }).length + 1)
  return png({
    padding: path
      .replaceAll(/[^a-z0-9]/g, '')
      .padEnd(chars, 'x')
      .slice(0, chars),
  })
}

const picture = (path: string, bytes: number) => ({ path, mime: 'image/png', body: pictureOf(path, bytes) })
const textFile = (path: string, character: string) => ({
  path,
  mime: 'text/plain',
  body: Buffer.from(full(character, 9_000)),
})
const pictures = (bytes: number) => [1, 2, 3, 4, 5, 6, 7].map((i) => picture(`chart-${i}.png`, bytes))

describe('fits', () => {
  const outputs = Object.entries(COSTLY)
  test.each(outputs)(
    'with the longest output of %s characters, five texts and seven pictures',
    async (_what, character) => {
      for (const bytes of [1_000, 60_000, 190_000, 200_000, 300_000]) {
        const result = await resultOf({
          stdout: full(character, 30_000),
          stderr: full(character, 30_000),
          files: [...['a', 'b', 'c', 'd', 'e'].map((name) => textFile(`${name}.txt`, character)), ...pictures(bytes)],
        })
        expect(eventBytes(result)).toBeLessThan(MAX_BYTES)
      }
    },
  )

  test.each(outputs)(
    'with the longest names of %s characters, errors, packages and learnings',
    async (_what, character) => {
      const name = full(character === '\ud800' || character === '\u0001' ? '~' : character, 900)
      const long = full(character, 2_100)
      const installed = Array.from({ length: 3_000 }, (_, i) => `${i}${long}`)
      const done = installEvent.parse({ type: 'done', status: 'success', installed, message: null })
      const result = await resultOf({
        stdout: full(character, 30_000),
        stderr: full(character, 30_000),
        files: Array.from({ length: 120 }, (_, i) => picture(`${name}-${i}.png`, 190_000)),
        more: {
          status: 'error',
          error: { type: full(character, 300), message: long, line: 1, frame: full(character, 4_000) },
          installed_packages: 'installed' in done ? done.installed : [],
          learnings: [1, 2, 3].map((i) => ({ id: `l_${i}`, kind: 'error', text: long, origin: long })),
          hints: [1, 2, 3, 4, 5].map(() => long),
        },
      })
      expect(eventBytes(result)).toBeLessThan(MAX_BYTES)
    },
  )
})

test('fits with long names in links, downloads and reasons beside pictures that fill it', async () => {
  for (const bytes of [150_000, 175_000, 199_000]) {
    const files = pictures(bytes).map((file) => ({ ...file, path: `${'漢'.repeat(400)}${file.path}` }))
    expect(eventBytes(await resultOf({ stdout: 'x', stderr: '', files }))).toBeLessThan(MAX_BYTES)
  }
})

test('as many pictures are shown whole as fit, the others smaller or linked to', async () => {
  const result = await resultOf({ stdout: 'hello\n', stderr: '', files: pictures(190_000) })
  const shown = result.content.filter(({ type }) => type === 'image') as { data: string }[]
  const whole = shown.filter(({ data }) => Buffer.from(data, 'base64').length === 190_000)
  expect(whole).toHaveLength(3)
  expect(shown.length).toBeGreaterThan(3)
  expect(shown.length).toBeLessThanOrEqual(ATTACHMENT_LIMITS.pictures)
  const outcome = dataOf(result) as RunOutcome
  expect(outcome.files).toHaveLength(7)
  const seen = new Set(result.content.flatMap((block) => (block.type === 'resource_link' ? [block.name] : [])))
  const reasons = outcome.omitted.map(({ reason }) => reason).join('\n')
  expect(seen.size + whole.length).toBe(7)
  expect(reasons).toContain('a result shows at most 5 pictures')
  expect((result.content[0] as { text: string }).text).toContain('hello')
})
