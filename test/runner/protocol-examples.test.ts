/** Every example in PROTOCOL.md satisfies our schemas, and is what a live runner accepts and sends. */
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as z from 'zod'
import {
  checkedRunEvent,
  errorAnswer,
  health,
  installEvent,
  REFUSAL_CODES,
  runEvent,
  runRequest,
} from '../../worker/run/contract/protocol.ts'
import { checkResult } from '../../worker/run/contract/check.ts'
import { emptied, fileList, uploadState } from '../../worker/run/contract/workspace.ts'
import { type PackageIndex, startPackageIndex } from '../support/package-index.ts'
import { program } from '../support/programs.ts'
import { type Example, protocolExamples } from '../support/protocol-page.ts'
import { type Answer, ask } from '../support/raw.ts'
import { type RunningRunner, startRunner } from '../support/runner.ts'
import { request } from './contract/context.ts'

const EXAMPLES = protocolExamples()

const checkRequest = z.strictObject({ code: z.string(), paths: z.array(z.string()).optional() })
const installRequest = z.strictObject({
  specs: z.array(z.string()),
  timeout_s: z.number().optional(),
  limits: z.strictObject({ workspace_bytes: z.int() }).optional(),
})
const cancelled = z.strictObject({ id: z.string(), was: z.enum(['running', 'finished']) })
const listening = z.strictObject({ event: z.literal('listening'), host: z.string(), port: z.int(), pid: z.int() })

const ARCHIVES = 'GET and PUT /w/{workspace}/archives/{part}'
const CHECKED = 'POST /w/{workspace}/runs with `check`'
const UPLOAD = 'PUT /w/{workspace}/files/{path}?upload=id'
const PICTURE = 'GET /w/{workspace}/files/{path}?picture_bytes=n'

/** What an example in a section must satisfy. */
const SCHEMAS: Record<string, { request?: z.ZodType; answer?: z.ZodType; events?: z.ZodType }> = {
  'Starting it': { events: listening },
  'Rules for every request': { answer: errorAnswer },
  'GET /w/{workspace}/health': { answer: health },
  'POST /w/{workspace}/check': { request: checkRequest, answer: checkResult },
  'POST /w/{workspace}/runs': { request: runRequest, events: runEvent },
  [CHECKED]: { request: runRequest, events: checkedRunEvent },
  'DELETE /w/{workspace}/runs/{id}': { answer: cancelled },
  'POST /w/{workspace}/packages': { request: installRequest, events: installEvent },
  'DELETE /w/{workspace}': { answer: emptied },
  Files: { answer: fileList },
  [UPLOAD]: { answer: uploadState },
  [PICTURE]: { answer: errorAnswer },
  [ARCHIVES]: { answer: z.strictObject({ part: z.string() }) },
}

let index: PackageIndex
let runner: RunningRunner
beforeAll(async () => {
  index = await startPackageIndex([])
  runner = await startRunner({ env: index.env })
})
afterAll(async () => {
  await runner?.stop()
  await index?.[Symbol.asyncDispose]()
})

test('the page has examples of every kind', () => {
  const kinds = EXAMPLES.map((example) => `${example.kind} in ${example.section}`)
  const expected = Object.entries(SCHEMAS).flatMap(([section, schemas]) =>
    Object.keys(schemas).map((kind) => `${kind} in ${section}`),
  )
  const withoutBody = ['GET /w/{workspace}/health', 'DELETE /w/{workspace}', PICTURE, ARCHIVES].map(
    (each) => `request in ${each}`,
  )
  expect([...new Set(kinds)].toSorted()).toEqual([...expected, ...withoutBody].toSorted())
})

test('the page names every code of a refusal', async () => {
  const page = await readFile(new URL('../../container/PROTOCOL.md', import.meta.url), 'utf8')
  const paragraph = page.slice(page.indexOf('\nCodes: ')).split('\n\n', 1)[0] ?? ''
  expect([...paragraph.matchAll(/`(\w+)` \d{3}/g)].map(([, code = '']) => code).toSorted()).toEqual(
    REFUSAL_CODES.toSorted(),
  )
})

test.each(EXAMPLES)('$kind in "$section" satisfies its schema, which knows all of its fields', (example) => {
  for (const value of valuesOf(example)) {
    const schema = SCHEMAS[example.section]?.[example.kind]
    if (schema === undefined) throw new Error(`no schema for an example in "${example.section}"`)
    expect(schema.parse(value)).toEqual(value)
  }
})

test.each(EXAMPLES.filter((example) => example.kind === 'request').filter(({ section }) => section !== PICTURE))(
  '$method $path is accepted by a live runner',
  async (example) => {
    const answer = await ask(
      runner,
      example.method,
      example.path,
      example.body === undefined ? {} : { body: example.body },
    )
    // Where nothing is kept, an archive has no content.
    expect(answer.status).toBe(example.section === ARCHIVES ? 204 : 200)
  },
)

test('a refused number is answered word for word as shown', async () => {
  const example = answerIn('Rules for every request')
  const answer = await ask(runner, 'POST', '/w/w1/runs', {
    body: JSON.stringify({ ...request('print(1)'), timeout_s: -5 }),
  })
  expect(answer.json).toEqual(example.body)
  expect(answer.status).toBe(example.status)
})

test('a picture without Pillow is answered word for word as shown', async () => {
  const asked = EXAMPLES.find((example) => example.kind === 'request' && example.section === PICTURE)
  if (asked?.kind !== 'request') throw new Error('no example of a picture')
  await ask(runner, 'PUT', asked.path.split('?')[0]!, { body: 'x' })
  const answer = await ask(runner, asked.method, asked.path)
  expect({ status: answer.status, body: answer.json }).toEqual({
    status: answerIn(PICTURE).status,
    body: answerIn(PICTURE).body,
  })
})

test('the checks that are shown give the answers that are shown', async () => {
  const checks = EXAMPLES.filter(({ section }) => section.endsWith('/check'))
  expect(checks.map(({ kind }) => kind)).toEqual(['request', 'answer', 'request', 'answer'])
  for (const [index, asked] of checks.entries()) {
    if (asked.kind !== 'request' || asked.body === undefined) continue
    const shown = checks[index + 1]
    const answer = await ask(runner, 'POST', '/w/fresh/check', { body: asked.body })
    expect(answer.json).toEqual(shown?.kind === 'answer' ? shown.body : null)
  }
})

test('health, cancellation, listing and the listening line have the fields that are shown', async () => {
  const started = request('print(1)', { files: { 'data.csv': 'a,b\n1,2\n' } })
  await ask(runner, 'POST', '/w/fields/runs', { body: JSON.stringify(started) })
  const live: [string, Answer][] = [
    ['GET /w/{workspace}/health', await ask(runner, 'GET', '/w/fields/health')],
    ['DELETE /w/{workspace}/runs/{id}', await ask(runner, 'DELETE', `/w/fields/runs/${started.id}`)],
    [UPLOAD, await ask(runner, 'PUT', '/w/fields/files/big.bin?upload=u-12345678&from=0&bytes=9', { body: 'x' })],
    ['Files', await ask(runner, 'GET', '/w/fields/files')],
    ['DELETE /w/{workspace}', await ask(runner, 'DELETE', '/w/fields')],
  ]
  for (const [section, answer] of live) {
    const example = answerIn(section)
    expect({ section, status: answer.status, fields: fields(answer.json) }).toEqual({
      section,
      status: example.status,
      fields: fields(example.body),
    })
    expect(answer.headers['content-type']).toMatch(/^application\/json/)
  }
  expect(fields(runner.announced)).toEqual(fields(linesIn('Starting it')[0]))
})

test("a run's events have the fields that are shown", async () => {
  // Each waits for the other, so that both go on when the file is written.
  const begin = (mine: string, other: string) =>
    `import os, time\nopen('${mine}', 'w').close()\nwhile not os.path.exists('${other}'): time.sleep(0.02)\n`
  const [shared, long] = await Promise.all([
    streamOf(`${begin('one', 'other')}open('both.csv', 'wb').write(b'x')`),
    streamOf(`${begin('other', 'both.csv')}time.sleep(3)`),
  ])
  const events = [
    ...shared,
    ...long,
    ...(await streamOf(program('beyond_the_limit'), { env: { LINES: '2000' }, limits: { output_bytes: 64 * 1024 } })),
    ...(await streamOf("import time; time.sleep(1.5); open('made.png', 'wb').write(b'x')")),
    ...(await streamOf(program('division'))),
    ...(await streamOf(
      "import socket\nsocket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))\nimport foo",
    )),
    ...(await streamOf(
      "import subprocess\nsubprocess.Popen(['sleep', '60'], start_new_session=True)\nopen('report.csv')",
      {
        files: { 'data/Report.csv': '' },
      },
    )),
    ...(await streamOf('while True: pass', { timeout_s: 0.5 })),
    ...(await streamOf(program('fills_the_workspace'), { limits: { workspace_bytes: 1024 ** 2 } })),
  ]
  const shown = linesIn('POST /w/{workspace}/runs')
  expect(fieldsByType(events)).toEqual(fieldsByType(shown))
})

test('a program that is read first has the lines that are shown', async () => {
  const lines = async (code: string) => {
    const body = JSON.stringify({ ...request(code), check: true })
    const { text } = await ask(runner, 'POST', '/w/fields/runs', { body })
    // On a slow machine there are heartbeats, and it is told what was used.
    return ndjson(text)
      .map((line) => anyEvent.parse(line))
      .filter(({ type }) => type !== 'heartbeat' && type !== 'usage')
  }
  const [starts, held] = linesIn(CHECKED)
  const [first, ...events] = await lines("import json\nprint('hi', end='')\n")
  expect(first).toEqual(starts)
  expect(events).toMatchObject([{ n: 1, type: 'started' }, { type: 'stdout', text: 'hi' }, { type: 'exit' }])
  expect(await lines('import requests\n')).toEqual([held])
})

test("an installation's events have the fields that are shown", async () => {
  const { text, headers } = await ask(runner, 'POST', '/w/fields/packages', {
    body: JSON.stringify({ specs: ['no-such-thing'] }),
  })
  expect(headers['content-type']).toMatch(/^application\/x-ndjson/)
  const shown = fieldsByType(linesIn('POST /w/{workspace}/packages'))
  expect(shown).toEqual(expect.arrayContaining(fieldsByType(ndjson(text))))
})

async function streamOf(code: string, options: Parameters<typeof request>[1] = {}): Promise<unknown[]> {
  const answer = await ask(runner, 'POST', '/w/fields/runs', { body: JSON.stringify(request(code, options)) })
  expect(answer.headers['content-type']).toMatch(/^application\/x-ndjson/)
  return ndjson(answer.text)
}

function ndjson(text: string): unknown[] {
  expect(text.endsWith('\n')).toBe(true)
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

function answerIn(section: string) {
  const example = EXAMPLES.find((each) => each.kind === 'answer' && each.section === section)
  if (example?.kind !== 'answer') throw new Error(`no answer in "${section}"`)
  return example
}

function linesIn(section: string): unknown[] {
  return EXAMPLES.flatMap((each) => (each.kind === 'events' && each.section === section ? each.lines : []))
}

function valuesOf(example: Example): unknown[] {
  if (example.kind === 'events') return example.lines
  if (example.kind === 'answer') return [example.body]
  return example.body === undefined ? [] : [JSON.parse(example.body)]
}

/** The names of all fields, at any depth; of a list, those of its first element. Names in maps of ours (`isolation`) count too. */
function fields(value: unknown): unknown {
  if (Array.isArray(value)) return [fields(value[0])]
  if (value === null || typeof value !== 'object') return 'a value'
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, fields(each)]))
}

const anyEvent = z.looseObject({ type: z.string() })

/** Each distinct shape of event, sorted. The two output streams have the same shapes. */
function fieldsByType(events: unknown[]): string[] {
  const shapes = events.map((event) => {
    const type = anyEvent.parse(event).type.replace(/^std(out|err)$/, 'output')
    return `${type} ${JSON.stringify(sorted(fields(event)))}`
  })
  return [...new Set(shapes)].toSorted()
}

function sorted(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, each]) => [name, sorted(each)]),
  )
}
