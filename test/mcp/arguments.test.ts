/** Arguments as models and frameworks send them, to every tool that is listed: a new tool needs a call in `tool-calls.ts`. */
import { Client, InMemoryTransport } from '@modelcontextprotocol/client'
import { beforeAll, expect, test } from 'vitest'
import * as z from 'zod'
import { createServer } from '../../worker/mcp/server.ts'
import { recordingCaller } from '../support/recording-caller.ts'
import { CALLS } from '../support/tool-calls.ts'

const { caller, asked } = recordingCaller()
let client: Client
beforeAll(async () => {
  client = new Client({ name: 'arguments', version: '1' })
  const [ours, theirs] = InMemoryTransport.createLinkedPair()
  await Promise.all([createServer(caller, false).connect(theirs), client.connect(ours)])
})

/** What a call asks of the session, and what it answers. */
async function called(name: string, args: Record<string, unknown>) {
  asked.length = 0
  const { content, isError } = await client.callTool({ name, arguments: args })
  const [{ text }] = z.tuple([z.object({ text: z.string() })]).parse(content)
  return { asked: structuredClone(asked), text, isError }
}

const property = z.looseObject({ type: z.string(), enum: z.array(z.unknown()).optional() })
const inputSchema = z.looseObject({
  properties: z.record(z.string(), property),
  required: z.array(z.string()).default([]),
})
type Property = z.infer<typeof property>

/** Every argument of every tool. */
async function everyArgument(): Promise<{ tool: string; name: string; optional: boolean; property: Property }[]> {
  const { tools } = await client.listTools()
  return tools.flatMap(({ name: tool, inputSchema: given }) => {
    const { properties, required } = inputSchema.parse(given)
    expect(Object.keys(CALLS[tool] ?? {}), tool).toEqual(Object.keys(properties))
    return Object.entries(properties).map(([name, each]) => ({
      tool,
      name,
      optional: !required.includes(name),
      property: each,
    }))
  })
}

const without = (args: Record<string, unknown>, name: string) =>
  Object.fromEntries(Object.entries(args).filter(([key]) => key !== name))

/** How long something goes on that has ended here at once; that `runs` lists, as it does by default; and what only its other actions take. */
const CHANGES_NOTHING = new Set(['run_with_retry: max_retries', 'runs: action', 'runs: wait_s', 'runs: from_line'])

test('null for an optional argument is as if it were left out', async () => {
  const optional = (await everyArgument()).filter((argument) => argument.optional)
  expect(optional.length).toBeGreaterThan(15)
  for (const { tool, name } of optional) {
    const absent = await called(tool, without(CALLS[tool]!, name))
    expect(await called(tool, { ...CALLS[tool], [name]: null }), `${tool}: ${name}`).toEqual(absent)
    if (!CHANGES_NOTHING.has(`${tool}: ${name}`))
      expect(await called(tool, CALLS[tool]!), `${tool}: ${name}`).not.toEqual(absent)
  }
})

test('null for an argument that is needed is refused as missing', async () => {
  for (const { tool, name, optional } of await everyArgument()) {
    if (optional) continue
    const { text, isError, asked: done } = await called(tool, { ...CALLS[tool], [name]: null })
    expect([tool, isError, done, text]).toEqual([
      tool,
      true,
      [],
      expect.stringMatching(`${name}: it is missing. Next: give `),
    ])
  }
})

test('a number, a boolean or an object in a text is what it says', async () => {
  const typed = (await everyArgument()).filter(({ property: { type } }) => type !== 'string')
  expect(new Set(typed.map(({ property: { type } }) => type))).toEqual(
    new Set(['integer', 'number', 'boolean', 'object']),
  )
  for (const {
    tool,
    name,
    property: { type },
  } of typed) {
    const value = CALLS[tool]![name]
    const meant = await called(tool, CALLS[tool]!)
    expect(meant.isError, tool).toBeUndefined()
    const text = JSON.stringify(value)
    const capital = text.slice(0, 1).toUpperCase() + text.slice(1)
    for (const form of [text, ` ${text}\n`, ...(type === 'boolean' ? [capital, text.toUpperCase()] : [])]) {
      expect(await called(tool, { ...CALLS[tool], [name]: form }), `${tool}: ${name} ${form}`).toEqual(meant)
    }
  }
})

test('a text that says no such value is refused with the valid form, and nothing is done', async () => {
  const forms: Record<string, [valid: RegExp, texts: string[]]> = {
    integer: [
      / a whole number from -?\d+ to \d+\b/,
      ['thirty', '1e3s', '30s', '', '0x1e', '030', '1.5', '1e999', 'NaN', 'true', 'null', '[3]'],
    ],
    number: [/ a number from \d+ to \d+\b/, ['thirty', '1e3s', '', '1,5', '-1', 'Infinity', 'true', 'null']],
    boolean: [/ true or false\b/, ['yes please', 'yes', '1', '', 'null', '"true"', 'truely']],
    object: [/ an object, such as /, ['a.txt', '', '[]', 'null', "{'a.txt': 'x'}", '{"a.txt": "x"', '"{}"', '3']],
  }
  for (const {
    tool,
    name,
    property: { type },
  } of await everyArgument()) {
    for (const text of forms[type]?.[1] ?? []) {
      const refused = await called(tool, { ...CALLS[tool], [name]: text })
      expect(refused, `${tool}: ${name} ${text}`).toMatchObject({ isError: true, asked: [] })
      const words = [JSON.stringify(text), String(Number(text))].map(
        (shown) => `${name}: ${shown} is not valid. Next: `,
      )
      expect(
        words.some((each) => refused.text.includes(each)),
        refused.text,
      ).toBe(true)
      expect(refused.text).toMatch(forms[type]![0])
    }
  }
})

test('a value of another type than the argument is refused, too', async () => {
  for (const { tool, name } of await everyArgument()) {
    for (const value of [[], ['x'], { deep: { deep: 1 } }]) {
      const refused = await called(tool, { ...CALLS[tool], [name]: value })
      expect(refused, `${tool}: ${name}`).toMatchObject({ isError: true, asked: [] })
      expect(refused.text, `${tool}: ${name}`).toMatch(new RegExp(`${name}(\\.deep)?: .*Next: `))
    }
  }
})

test('a text argument stays the text that it is, whatever it looks like', async () => {
  const texts = (await everyArgument()).filter(({ property: { type, enum: choices } }) => type === 'string' && !choices)
  expect(texts.length).toBeGreaterThan(15)
  const looks = ['{}', '[1]', 'null', 'true', '30', '"x"', '{"base64":"eA=="}', '1e3', 'False', ...randomTexts(40)]
  for (const { tool, name } of texts) {
    // A comma parts tags.
    for (const text of looks.map((look) => look.replaceAll(',', ''))) {
      const { asked: done, text: answer } = await called(tool, { ...CALLS[tool], [name]: text })
      if (REFUSES_TEXTS.has(`${tool}: ${name}`)) expect(answer).not.toContain('is not valid')
      else expect(textsIn(done), `${tool}: ${name} ${text}`).toContain(compared(text))
    }
  }
})

/** Arguments whose tool takes certain texts only. */
const REFUSES_TEXTS = new Set([
  'pip_install: package_name',
  'configure: key',
  'configure: value',
  'runs: run_id',
  'runs: before',
])

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [compared(value)]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}

/** Some tools trim what they are given, or take it in lower case. */
function compared(text: string): string {
  return text.toLowerCase().replaceAll(/\s+/g, ' ').trim()
}

test('the content of a file stays the text that it is, unless it is a data URI', async () => {
  const looks = [
    '',
    '{}',
    '{"base64":"eA=="}',
    '[1]',
    'null',
    'data:',
    'data:,x',
    'data:text/plain,x;base64',
    'data: as follows;base64,eA==',
    ' data:;base64,eA==',
    ...randomTexts(200),
  ]
  for (const text of looks) {
    const { asked: done } = await called('run_python', { code: 'pass', files: { 'a.txt': text } })
    expect(done[0], JSON.stringify(text)).toMatchObject({ input: { files: { 'a.txt': text } } })
  }
})

/** The bytes 0 to 255, so that both alphabets and the padding matter. */
const BYTES = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
const base64 = BYTES.toString('base64')

test.each<[string, unknown]>([
  ['an object', { base64 }],
  ['line breaks', { base64: `${base64.replaceAll(/.{76}/g, '$&\n')}\n` }],
  ['line breaks of Windows, indented', { base64: base64.replaceAll(/.{76}/g, '$&\r\n\t ') }],
  ['no padding', { base64: base64.replace('==', '') }],
  ['the alphabet for URLs', { base64: BYTES.toString('base64url') }],
  ['a data URI', `data:;base64,${base64}`],
  ['a data URI with a type', `data:application/octet-stream;base64,${base64}`],
  ['a data URI with a type, a parameter and capitals', `DATA:Text/Plain;charset=utf-8;BASE64,${base64}`],
  ['a data URI with line breaks', `data:image/png;base64,${base64.replaceAll(/.{76}/g, '$&\n')}`],
  ['a data URI in the object', { base64: `data:image/png;base64,${base64}` }],
])('bytes of a file as %s', async (_form, content) => {
  const meant = [{ input: { files: { 'a.bin': { base64 } } }, description: '' }]
  for (const files of [{ 'a.bin': content }, JSON.stringify({ 'a.bin': content })]) {
    expect((await called('run_python', { code: 'pass', files })).asked).toMatchObject(meant)
  }
})

test('no bytes at all, and one', async () => {
  for (const [given, meant] of [
    ['', ''],
    ['=', null],
    ['eA', 'eA=='],
    ['eA==', 'eA=='],
    ['eA=', null],
    ['e', null],
    ['eA===', null],
    [' eA\n =\r\n\t=\n', 'eA=='],
    ['e A = =', null],
  ] as const) {
    const { asked: done, text } = await called('run_python', { code: 'pass', files: { x: { base64: given } } })
    if (meant === null)
      expect([given, done, text]).toEqual([given, [], expect.stringContaining('files.x: is not valid base64')])
    else expect(done, given).toMatchObject([{ input: { files: { x: { base64: meant } } } }])
  }
})

test.each<[string, unknown, RegExp]>([
  ['no base64', { base64: 'no base64!' }, /files\.a\.bin: is not valid base64\. Next: /],
  ['both alphabets', { base64: 'ab+_' }, /files\.a\.bin: is not valid base64\. Next: /],
  [
    'a text that begins like a data URI',
    'data:text/plain;base64,and so on',
    /files\.a\.bin: is not valid base64\. Next: /,
  ],
  ['two keys', { base64: 'eA==', text: 'x' }, /files\.a\.bin: must be a text\. Next: give .*data:;base64,/],
  ['an object', { text: 'x' }, /files\.a\.bin: must be a text\. Next: /],
  ['a number', 3, /files\.a\.bin: must be a text\. Next: /],
  ['null', null, /files\.a\.bin: must be a text\. Next: /],
])('content of a file that is %s is refused', async (_what, content, words) => {
  expect(await called('run_python', { code: 'pass', files: { 'a.bin': content } })).toEqual({
    asked: [],
    isError: true,
    text: expect.stringMatching(words),
  })
})

test.each(['files', 'env'])('a name in %s that the platform’s objects lose is refused, not lost', async (argument) => {
  for (const value of [JSON.parse('{"a.txt": "text", "__proto__": "lost"}'), '{"__proto__": "lost"}'])
    expect(await called('run_python', { code: 'print(1)', [argument]: value })).toMatchObject({
      asked: [],
      text: expect.stringContaining(`${argument}: nothing can be named "__proto__". Next: give another name.`),
      isError: true,
    })
})

test('an argument that there is not is refused with those that there are', async () => {
  for (const { name: tool, inputSchema: given } of (await client.listTools()).tools) {
    const names = Object.keys(inputSchema.parse(given).properties)
    const next = names.length === 0 ? 'call it without arguments.' : `use only ${names.join(', ')}.`
    for (const value of [1, null, '{}']) {
      expect(await called(tool, { ...CALLS[tool], timeout_ms: value, constructor: 1 }), tool).toEqual({
        asked: [],
        isError: true,
        text: expect.stringContaining(`There is no argument "timeout_ms", "constructor". Next: ${next}`),
      })
    }
  }
})

test('a refusal explains three mistakes, and repeats little of what was sent', async () => {
  const files = Object.fromEntries(Array.from({ length: 5 }, (_, n) => [`${n}${'x'.repeat(5_000)}`, n]))
  const { text } = await called('run_python', { code: 'pass', files, timeout: 'x'.repeat(5_000) })
  expect(text).toContain('And 3 more.')
  expect(text.length).toBeLessThan(800)
})

/** Texts of characters that make JSON, numbers, data URIs and programs, alike in each run. */
function randomTexts(count: number): string[] {
  let seed = 7
  const next = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below
  const pieces = [
    '{',
    '}',
    '[',
    ']',
    '"',
    ':',
    ',',
    '1',
    'e',
    '.',
    '-',
    'true',
    'null',
    ' ',
    '\n',
    'data:',
    'base64',
    ';',
    'x',
    'ñ',
    '日',
    '\\',
    '=',
  ]
  return Array.from({ length: count }, () => {
    const text = Array.from({ length: 1 + next(12) }, () => pieces[next(pieces.length)]).join('')
    return `x${text}x`
  })
}
