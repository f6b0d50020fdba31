/**
 * Arguments of tools. The advertised schema is strict and simple, as some hosts refuse or misread anything else; arguments are read more
 * kindly, see `reading.ts`. Every tool's schema is made here, so no tool reads for itself.
 */
import type { StandardSchemaWithJSON } from '@modelcontextprotocol/server'
import * as z from 'zod'
import { type JsonSchema, understood } from './reading.ts'
import { refusalWords, type Relative } from './words.ts'

export interface ToolArguments<Value> extends StandardSchemaWithJSON<unknown, Value> {
  /** The value that is meant, or the reason why it is unclear and the next step. */
  read(given: unknown): { value: Value } | { refused: string }
}

/** `relative`: a tool with arguments that this one lacks, for callers that mix them up. */
export function toolArguments<Shape extends z.ZodRawShape>(
  shape: Shape,
  relative?: Relative,
): ToolArguments<z.output<z.ZodObject<Shape, z.core.$strict>>> {
  const schema = z.strictObject(shape)
  let known: JsonSchema | undefined
  const advertised = () => (known ??= advertisedSchema(schema))
  const read = (given: unknown) => {
    const meant = understood(given, advertised())
    const losing = argumentThatLoses(meant)
    if (losing !== undefined)
      return { refused: `${losing}: nothing can be named "__proto__". Next: give another name.` }
    const { data, error } = schema.safeParse(meant)
    return error === undefined ? { value: data } : { refused: refusalWords(error, meant, advertised(), relative) }
  }
  return {
    read,
    '~standard': {
      version: 1,
      vendor: 'mcp-code-mode',
      validate: (given) => {
        const result = read(given)
        return 'refused' in result ? { issues: [{ message: result.refused }] } : result
      },
      jsonSchema: { input: advertised, output: advertised },
    },
  }
}

/** The argument with an entry that no schema sees, as the library leaves the name out: a file of this name would be gone without a word. */
function argumentThatLoses(given: unknown): string | undefined {
  const all = typeof given === 'object' && given !== null ? Object.entries(given) : []
  return all.find(([, value]) => typeof value === 'object' && value !== null && Object.hasOwn(value, '__proto__'))?.[0]
}

/**
 * The schema without words that say nothing to a model, which pays for each, and those that hosts refuse: Gemini a whole request for
 * `propertyNames`. A text's bound is told when one is too long.
 */
function advertisedSchema(schema: z.ZodType): JsonSchema {
  const json = z.toJSONSchema(schema, {
    io: 'input',
    override: ({ jsonSchema }) => {
      delete jsonSchema.propertyNames
      delete jsonSchema.minLength
      delete jsonSchema.maxLength
      if (jsonSchema.default === '') delete jsonSchema.default
    },
  })
  // Without this word MCP takes a schema for one of 2020-12, which it is.
  delete json.$schema
  return json
}
