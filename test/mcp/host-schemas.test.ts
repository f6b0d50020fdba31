/** What hosts make of the tools' input schemas: each rule here is one that a request with our tools would be refused or misread for. */
import { Client, InMemoryTransport } from '@modelcontextprotocol/client'
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/client/validators/ajv'
import { beforeAll, expect, test } from 'vitest'
import * as z from 'zod'
import { createServer } from '../../worker/mcp/server.ts'
import { recordingCaller } from '../support/recording-caller.ts'
import { CALLS } from '../support/tool-calls.ts'

/** What the SDK's clients check with. */
const validator = new AjvJsonSchemaValidator()

const anySchema = z.record(z.string(), z.unknown())

type Schema = z.infer<typeof schema>
const schema = z.looseObject({
  type: z.enum(['object', 'string', 'integer', 'number', 'boolean'], 'every schema has one type'),
  enum: z.array(z.string()).optional(),
  properties: z.record(z.string(), z.looseObject({})).optional(),
  required: z.array(z.string()).optional(),
  additionalProperties: z.union([z.boolean(), z.looseObject({})]).optional(),
})

interface Tool {
  name: string
  description: string
  inputSchema: Schema
  /** Takes what a client may send that checks its arguments. */
  accepts: (args: unknown) => boolean
  /** The input schema and every schema within it, each with its place. */
  schemas: { place: string; schema: Schema }[]
}

let tools: Tool[]
beforeAll(async () => {
  const client = new Client({ name: 'hosts', version: '1' })
  const [ours, theirs] = InMemoryTransport.createLinkedPair()
  await Promise.all([createServer(recordingCaller().caller, true).connect(theirs), client.connect(ours)])
  tools = (await client.listTools()).tools.map(({ name, description = '', inputSchema }) => ({
    name,
    description,
    inputSchema: schema.parse(inputSchema),
    accepts: (args) => validator.getValidator(anySchema.parse(inputSchema))(args).valid,
    schemas: schemasIn(inputSchema, name),
  }))
})

function schemasIn(given: object, place: string): { place: string; schema: Schema }[] {
  const parsed = schema.parse(given)
  const { properties = {}, additionalProperties } = parsed
  const inside = Object.entries({
    ...properties,
    ...(typeof additionalProperties === 'object' && { '*': additionalProperties }),
  })
  return [{ place, schema: parsed }, ...inside.flatMap(([name, each]) => schemasIn(each, `${place}.${name}`))]
}

/** Places with a keyword that a host does not know. */
const unknownTo = (known: string[]) =>
  tools.flatMap(({ schemas }) =>
    schemas.flatMap(({ place, schema: each }) =>
      Object.keys(each)
        .filter((keyword) => !known.includes(keyword))
        .map((keyword) => `${place}: ${keyword}`),
    ),
  )

const PLAIN = [
  'type',
  'description',
  'properties',
  'required',
  'additionalProperties',
  'enum',
  'minimum',
  'maximum',
  'pattern',
]

test('each is an object of plain types: no unions, references, negations or patterns of names', () => {
  expect(tools.length).toBeGreaterThan(8)
  expect(tools.map(({ inputSchema }) => inputSchema.type)).toEqual(tools.map(() => 'object'))
  expect(unknownTo([...PLAIN, 'default'])).toEqual([])
})

test('each is strict: it allows no other argument, and none of the forms that are only understood', () => {
  for (const { name, accepts } of tools) {
    const call = CALLS[name]!
    expect(accepts(call), name).toBe(true)
    expect(accepts({ ...call, other: 1 }), name).toBe(false)
    for (const [argument, value] of Object.entries(call)) {
      expect(accepts({ ...call, [argument]: null }), `${name}: ${argument}`).toBe(false)
      if (typeof value === 'string') continue
      const text = JSON.stringify(value)
      expect(accepts({ ...call, [argument]: text }), `${name}: ${argument}`).toBe(false)
    }
  }
})

test('Gemini: the words of a function declaration, enums of texts only, names that it takes', () => {
  // Its Schema, and beside it `additionalProperties`, which the JSON form of a declaration has, and clients leave out for the other.
  expect(unknownTo([...PLAIN, 'default'])).toEqual([])
  for (const { name, schemas } of tools) {
    expect(name).toMatch(/^[A-Za-z_][\w.-]{0,63}$/)
    for (const { schema: each, place } of schemas) {
      if (each.enum !== undefined) expect(each.type, place).toBe('string')
      for (const argument of Object.keys(each.properties ?? {})) expect(argument).toMatch(/^[A-Za-z_]\w{0,63}$/)
      expect(Object.keys(each.properties ?? {}), place).toEqual(expect.arrayContaining(each.required ?? []))
    }
  }
})

test('Anthropic: names with the prefix of a host, argument names, and descriptions that Claude Code does not cut', () => {
  for (const { name, description, schemas } of tools) {
    expect(`mcp__code-mode__${name}`).toMatch(/^[a-zA-Z0-9_-]{1,64}$/)
    expect(description.length, name).toBeLessThan(2_048)
    for (const { schema: each } of schemas) {
      for (const argument of Object.keys(each.properties ?? {})) expect(argument).toMatch(/^[a-zA-Z0-9_.-]{1,64}$/)
    }
  }
})

test('OpenAI: strict mode falls back for optional arguments, the map of files, and words that it does not know, and for nothing else', () => {
  const reasons = new Set(unknownTo(PLAIN).map((found) => found.split(': ')[1]))
  for (const { schemas } of tools) {
    for (const { schema: each, place } of schemas) {
      if (each.type !== 'object') continue
      const names = Object.keys(each.properties ?? {})
      if (names.length > (each.required ?? []).length) reasons.add('optional')
      if (each.additionalProperties !== false) reasons.add(`map: ${place}`)
    }
  }
  expect(reasons).toEqual(new Set(['default', 'map: run_python.env', 'map: run_python.files', 'optional']))
  // Tools without any of these are sent as strict ones.
  expect(tools.find(({ name }) => name === 'get_system_context')?.inputSchema).toEqual({
    type: 'object',
    properties: {},
    additionalProperties: false,
  })
})

test('LangChain JS: what it takes out or merges is not there, so a file can be sent as text', () => {
  const MERGED = ['allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else', '$schema', 'unevaluatedProperties']
  for (const { schemas } of tools) {
    for (const { schema: each, place } of schemas) {
      expect(
        Object.keys(each).filter((keyword) => MERGED.includes(keyword)),
        place,
      ).toEqual([])
    }
  }
  const { inputSchema } = tools.find(({ name }) => name === 'run_python')!
  expect(schema.parse(inputSchema.properties?.['files']).additionalProperties).toMatchObject({ type: 'string' })
})
