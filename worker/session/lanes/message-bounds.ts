/**
 * Bounds on the texts around a message's subject: ids, names, addresses, tokens. They are matched, stored, and sent back with every answer
 * and notification. Arguments have bounds of their own, in the schema of their tool.
 */
import { ProtocolErrorCode, type RequestId } from '@modelcontextprotocol/server'
import * as z from 'zod'

/** Longest such text, in characters: the address of a file whose path has 4,000 bytes, each of them percent-encoded. */
export const MAX_TEXT_CHARS = 16 * 1024
/** Longest id of a request, in characters. Each answer and each stored event repeats it. */
const MAX_ID_CHARS = 1_000

export interface TooLong {
  /** The id of the refused request; null when it has none that could be repeated. */
  id: RequestId | null
  error: { code: number; message: string }
}

const single = z.object({ id: z.union([z.string().max(MAX_ID_CHARS), z.number()]) })

/** The text that is too long in the message, or batch, of a POST to /mcp, or null. */
export function tooLongText(message: unknown): TooLong | null {
  const found = longText(message)
  if (found === null) return null
  const words = `${found.name} has ${found.chars} characters, more than the ${found.most} that are taken. Next: send a shorter one.`
  return {
    id: single.safeParse(message).data?.id ?? null,
    error: { code: ProtocolErrorCode.InvalidParams, message: words },
  }
}

interface Long {
  name: string
  chars: number
  most: number
}

/** The first text that is too long, outside of arguments. Looks at each value once, however deep it is nested. */
function longText(message: unknown): Long | null {
  const messages: unknown[] = Array.isArray(message) ? message : [message]
  const todo = messages.map((each): [name: string, value: unknown] => ['', withoutArguments(each)])
  for (const [name, value] of todo) {
    if (typeof value === 'string') {
      const most = IDS.has(name) ? MAX_ID_CHARS : MAX_TEXT_CHARS
      if (value.length > most) return { name, chars: value.length, most }
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) {
        if (key.length > MAX_TEXT_CHARS) return { name: 'a key', chars: key.length, most: MAX_TEXT_CHARS }
        todo.push([Array.isArray(value) ? name : key, inner])
      }
    }
  }
  return null
}

function withoutArguments(message: unknown): unknown {
  const { data } = withParams.safeParse(message)
  return data === undefined ? message : { ...data, params: { ...data.params, arguments: undefined } }
}

const withParams = z.looseObject({ params: z.looseObject({}) })
const IDS = new Set(['id', 'requestId', 'progressToken'])
