/** A result with its files, over a scripted source of their contents. */
import type { ContentBlock } from '@modelcontextprotocol/server'
import { expect, test } from 'vitest'
import type { FileSource } from '../../worker/mcp/caller.ts'
import { runResult } from '../../worker/mcp/results/result.ts'
import { OutcomeFold } from '../../worker/run/execution/outcome-fold.ts'
import type { RunOutcome } from '../../worker/run/contract/outcome.ts'
import { png } from '../support/pillow.ts'
import { dataOf } from '../support/tool-result.ts'

type Content = Buffer | string | Error | null

const TYPES: Record<string, string> = { png: 'image/png', bmp: 'image/bmp', csv: 'text/csv', txt: 'text/plain' }

/** The result of a run that made these files. `made`: what converting answers. */
async function resultOf(files: Record<string, Content>, made: Content | { reason: string } = { reason: 'no Pillow' }) {
  const fold = new OutcomeFold()
  let n = 0
  for (const [path, content] of Object.entries(files)) {
    const bytes = content instanceof Error || content === null ? 100 : Buffer.from(content).length
    const mime = TYPES[path.split('.').at(-1)!] ?? 'application/octet-stream'
    fold.add({ n: ++n, type: 'file', path, change: 'created', bytes, mime })
  }
  const source: FileSource = {
    downloadUrl: async (path) => `https://example.com/files/${path}`,
    async readFile(path, maxBytes) {
      const content = files[path] ?? null
      if (content instanceof Error) throw content
      if (content === null) return null
      const body = Buffer.from(content)
      return body.length > maxBytes ? { bytes: body.length } : { body: copy(body), mime: '' }
    },
    async readPicture() {
      if (made instanceof Error) throw made
      if (made === null || typeof made === 'string' || Buffer.isBuffer(made)) {
        return { body: copy(Buffer.from(made ?? '')) }
      }
      return made
    },
  }
  const result = await runResult(fold.outcome('r_1', 'local'), source)
  const [first, ...attached] = result.content
  const outcome = dataOf(result) as RunOutcome
  const links = outcome.files.filter(({ download_url }) => download_url !== undefined).map(({ path }) => path)
  return {
    links,
    text: (first as { text: string }).text,
    attached,
    omitted: outcome.omitted,
    kinds: attached.map(kind),
  }
}

const copy = (body: Buffer) => new Uint8Array(body).buffer
const kind = (block: ContentBlock) => block.type
const LARGE = png({ padding: 'x'.repeat(300_000) })

test('a picture comes back once, under whatever names', async () => {
  const files = { 'a.png': png(), 'b.png': png({ width: 9 }), 'c.png': png() }
  const { kinds, omitted } = await resultOf(files)
  expect(kinds).toEqual(['image', 'image', 'resource_link'])
  expect(omitted).toEqual([{ path: 'c.png', reason: 'it is the same picture as a.png' }])
})

test('a small picture comes back as it is', async () => {
  const body = png()
  const { attached, omitted, text } = await resultOf({ 'my chart (1).png': body })
  expect(attached).toEqual([{ type: 'image', mimeType: 'image/png', data: body.toString('base64') }])
  expect(omitted).toEqual([])
  expect(text).toContain('Created: my chart (1).png (83 bytes, attached); download for an hour: https://example.com/')
})

test('a large one comes back smaller, with a link to the original', async () => {
  const small = png({ width: 20, height: 10 })
  const { attached, omitted, text } = await resultOf({ 'a.png': LARGE }, small)
  expect(attached).toEqual([
    { type: 'image', mimeType: 'image/png', data: small.toString('base64') },
    { type: 'resource_link', uri: 'codemode://files/a.png', name: 'a.png', mimeType: 'image/png', size: LARGE.length },
  ])
  expect(omitted).toEqual([])
  expect(text).toContain('20 × 10')
})

test.each<[string, Record<string, Content>, string]>([
  ['large', { 'a.png': LARGE }, 'it is larger than 200 kB, and no Pillow'],
  ['of another type', { 'a.bmp': 'BM' }, 'it is of a type that models do not read, and no Pillow'],
  ['broken', { 'a.png': 'this is no PNG' }, 'it is no whole picture of a usual size, and no Pillow'],
  ['a bomb', { 'a.png': png({ declared: [60_000, 60_000] }) }, 'it is no whole picture of a usual size, and no Pillow'],
  ['gone', { 'a.png': null }, 'it is gone'],
  ['not readable', { 'a.png': new TypeError('secret detail') }, 'it could not be read (TypeError)'],
])('a picture that is %s is linked to, with the reason', async (_case, files, reason) => {
  const { kinds, omitted } = await resultOf(files)
  expect(kinds).toEqual(['resource_link'])
  expect(omitted).toEqual([{ path: Object.keys(files)[0], reason }])
})

test.each([
  ['too large', LARGE],
  ['not whole', png().subarray(0, 50)],
  ['empty', null],
])('what converting gives is looked at: %s', async (_case, made) => {
  const { kinds, omitted } = await resultOf({ 'a.png': LARGE }, made)
  expect(kinds).toEqual(['resource_link'])
  expect(omitted[0]!.reason).toBe('no picture can be made of it')
})

test('a text comes back between fences, its language named', async () => {
  const { attached, kinds } = await resultOf({ 'out/data.csv': 'a,b\n1,2\n' })
  expect(kinds).toEqual(['text'])
  expect(attached[0]).toMatchObject({ text: 'out/data.csv:\n```csv\na,b\n1,2\n```' })
})

test('of a long text head and tail come back, with a link to the whole', async () => {
  const { attached, kinds, text } = await resultOf({ 'a.txt': `first\n${'x'.repeat(50_000)}\nlast` })
  expect(kinds).toEqual(['text', 'resource_link'])
  const shown = (attached[0] as { text: string }).text
  expect(shown).toMatch(/^a\.txt:\n```\nfirst\n.*characters left out.*\nx.*last\n```$/s)
  expect(shown.length).toBeLessThan(4_200)
  expect(text).toContain('4000 of 50011 characters')
})

test.each<[string, Content, string]>([
  ['not UTF-8', Buffer.from([0x66, 0xff, 0xfe]), 'it is not UTF-8 text'],
  ['NUL in it', 'a\0b', 'it is not UTF-8 text'],
])('a text with %s is linked to', async (_case, content, reason) => {
  const { kinds, omitted } = await resultOf({ 'a.txt': content })
  expect(kinds).toEqual(['resource_link'])
  expect(omitted).toEqual([{ path: 'a.txt', reason }])
})

test('a private key is not attached under any name', async () => {
  const { kinds, omitted } = await resultOf({ 'a.txt': '-----BEGIN RSA PRIVATE KEY-----\nMII' })
  expect(kinds).toEqual([])
  expect(omitted).toEqual([{ path: 'a.txt', reason: 'it holds a private key' }])
})

test('the first files get links for download, secrets none', async () => {
  const files = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`${index + 10}.bin`, 'x']))
  const { links, text } = await resultOf({ '.env': 'A=1', 'key.txt': '-----BEGIN PRIVATE KEY-----', ...files })
  expect(links).toEqual(Object.keys(files).slice(0, 10))
  expect(text).not.toContain('https://example.com')
  const few = await resultOf({ '.env': 'A=1', 'key.txt': '-----BEGIN PRIVATE KEY-----', 'a.bin': 'x', 'b.txt': 'x' })
  expect(few.text.split('\n').slice(1)).toEqual([
    'Created: b.txt (1 byte, attached)',
    'Created: .env (3 bytes, not attached: its name looks like that of a secret) codemode://files/.env',
    'Created: key.txt (27 bytes, not attached: it holds a private key) codemode://files/key.txt',
    'Created: a.bin (1 byte) codemode://files/a.bin; download for an hour: https://example.com/files/a.bin',
  ])
})

test('the text has links for download of five files, and of no text that it shows', async () => {
  const seven = Object.fromEntries(Array.from({ length: 7 }, (_, index) => [`${index}.bin`, 'x']))
  const { text } = await resultOf({ 'a.txt': 'x', ...seven })
  expect(text.match(/download for an hour: \S+/g)).toEqual(
    Object.keys(seven)
      .slice(0, 5)
      .map((path) => `download for an hour: https://example.com/files/${path}`),
  )
})

test('files that cannot be read in time are linked to', async () => {
  let time = 0
  const { attachFiles } = await import('../../worker/mcp/results/attachments.ts')
  const fold = new OutcomeFold()
  for (const [index, path] of ['a.txt', 'b.txt', 'c.txt'].entries()) {
    fold.add({ n: index + 1, type: 'file', path, change: 'created', bytes: 1, mime: 'text/plain' })
  }
  const source: FileSource = {
    readFile: async () => {
      time += 4_000
      return { body: copy(Buffer.from('x')), mime: '' }
    },
    readPicture: async () => ({ reason: '' }),
    downloadUrl: async () => null,
  }
  const { content, omitted } = await attachFiles(fold.outcome('r_1', 'local'), source, 1_000_000, () => time)
  expect(content.map(kind)).toEqual(['text', 'text', 'resource_link'])
  expect(omitted).toEqual([{ path: 'c.txt', reason: 'reading the other files took too long' }])
})
