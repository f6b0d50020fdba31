/** Every place of every tool's arguments where a client can put a text, as `tools/list` says it: a new one is found by itself. */
import type { Client } from '@modelcontextprotocol/client'
import * as z from 'zod'

export interface InputText {
  tool: string
  /** Such as `files.*`, or `files.(key)`. */
  name: string
  /** Arguments with this text in its place, and in others what they need to be valid. */
  with: (text: string) => Record<string, unknown>
}

type Schema = z.infer<typeof schema>
const schema = z.looseObject({
  type: z.string().optional(),
  enum: z.array(z.unknown()).optional(),
  properties: z.record(z.string(), z.looseObject({})).optional(),
  required: z.array(z.string()).default([]),
  items: z.looseObject({}).optional(),
  additionalProperties: z.union([z.boolean(), z.looseObject({})]).optional(),
})

type Put = (text: string) => unknown

export async function inputTexts(client: Pick<Client, 'listTools'>): Promise<InputText[]> {
  const { tools } = await client.listTools()
  return tools.flatMap(({ name: tool, inputSchema }) =>
    placesIn(schema.parse(inputSchema), '').map(({ name, put }) => ({
      tool,
      name,
      with: (text) => z.record(z.string(), z.unknown()).parse(put(text)),
    })),
  )
}

function placesIn(given: Schema, name: string): { name: string; put: Put }[] {
  const { properties = {}, additionalProperties, items } = given
  const inner = (value: object, at: string) => placesIn(schema.parse(value), name === '' ? at : `${name}.${at}`)
  if (given.type === 'string' && given.enum === undefined) return [{ name, put: (text) => text }]
  const fields = Object.entries(properties).flatMap(([key, value]) =>
    inner(value, key).map((place) => ({
      ...place,
      put: (text: string) => ({ ...needed(given), [key]: place.put(text) }),
    })),
  )
  const values = typeof additionalProperties !== 'object' ? [] : inner(additionalProperties, '*')
  const keys = values.length === 0 ? [] : [{ name: `${name}.(key)`, put: (text: string) => ({ [text]: 'x' }) }]
  return [
    ...fields,
    ...values.map((place) => ({ ...place, put: (text: string) => ({ 'file.txt': place.put(text) }) })),
    ...keys,
    ...(items === undefined
      ? []
      : inner(items, '[]').map((place) => ({ ...place, put: (text: string) => [place.put(text)] }))),
  ]
}

/** What a call must have, as short as possible. */
function needed({ properties = {}, required }: Schema): Record<string, unknown> {
  return Object.fromEntries(
    required.map((key) => {
      const { enum: choices, type } = schema.parse(properties[key])
      return [key, choices?.[0] ?? (type === 'string' ? 'x' : 0)]
    }),
  )
}
