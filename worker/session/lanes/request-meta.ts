/**
 * Problems of a message's `_meta`. Both revisions of MCP have it among the params, so it is refused as they are (-32602); the SDK takes the
 * whole message for none, or repeats its schema library. Missing parts of it the SDK reports well.
 */
import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  LOG_LEVEL_META_KEY,
  PROTOCOL_VERSION_META_KEY,
  ProtocolErrorCode,
  RELATED_TASK_META_KEY,
  type RequestId,
} from '@modelcontextprotocol/server'
import * as z from 'zod'
import { refusalWords } from '../../mcp/arguments/words.ts'

export interface WrongMeta {
  /** Id of the refused request; null for a notification, and for a batch. */
  id: RequestId | null
  error: { code: number; message: string }
}

const text = z.string()
const common = {
  progressToken: z
    .union([text, z.int()], 'it is no token. Next: give a text or a whole number, or leave it out.')
    .optional(),
  [RELATED_TASK_META_KEY]: z.looseObject({ taskId: text }).optional(),
}
const NO_OBJECT = 'it is no object. Next: give an object, such as {"progressToken": 1}.'
const ofAll = z.looseObject({ _meta: z.looseObject(common, NO_OBJECT).optional() })
const MODERN_KEYS = {
  [PROTOCOL_VERSION_META_KEY]: text,
  [CLIENT_INFO_META_KEY]: z.looseObject({ name: text, version: text }).optional(),
  [CLIENT_CAPABILITIES_META_KEY]: z
    .looseObject({ extensions: z.looseObject({}).optional() }, 'it is no object. Next: give an object, such as {}.')
    .optional(),
  [LOG_LEVEL_META_KEY]: z
    .enum(['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'])
    .optional(),
}
/** A message that names its revision is one of 2026-07-28, which defines more keys. */
const ofModern = z.looseObject({ _meta: z.looseObject({ ...common, ...MODERN_KEYS }, NO_OBJECT) })

const message = z.looseObject({
  method: text,
  id: z.union([text, z.int()]).optional(),
  params: z.looseObject({ _meta: z.unknown() }),
})
const claim = z.looseObject({ _meta: z.looseObject({ [PROTOCOL_VERSION_META_KEY]: z.unknown() }) })

/** The problem in the message of a POST to /mcp, or null. A batch is refused as a whole, as the SDK does. */
export function wrongMeta(given: unknown): WrongMeta | null {
  const messages: unknown[] = Array.isArray(given) ? given : [given]
  for (const each of messages) {
    const { method, id, params } = message.safeParse(each).data ?? {}
    if (method === undefined || params === undefined) continue
    const schema = names(params) ? ofModern : ofAll
    const { error } = schema.safeParse(params)
    if (error === undefined) continue
    const words = refusalWords(error, params, z.toJSONSchema(schema, { io: 'input' }))
    return {
      id: Array.isArray(given) ? null : (id ?? null),
      error: { code: ProtocolErrorCode.InvalidParams, message: `Invalid params of ${method.slice(0, 100)}. ${words}` },
    }
  }
  return null
}

function names(params: object): boolean {
  const { data } = claim.safeParse(params)
  return data !== undefined && PROTOCOL_VERSION_META_KEY in data._meta
}
