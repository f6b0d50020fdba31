/**
 * The params of every request that a server here answers, checked before its handler: the SDK calls wrong ones an internal error, in the
 * words of its schema library. They are read by the letter, unlike a tool's arguments: scopes were judged by the params that arrived.
 */
import {
  type Implementation,
  INVALID_PARAMS,
  McpServer,
  type McpServerOptions,
  ProtocolError,
  ProtocolErrorCode,
  Server,
} from '@modelcontextprotocol/server'
import * as z from 'zod'
import type { JsonSchema } from './arguments/reading.ts'
import { refusalWords } from './arguments/words.ts'

const text = z.string()
const page = z.looseObject({ cursor: text.optional() })
const resource = z.looseObject({ uri: text })
const task = z.looseObject({ taskId: text })
const texts = z.record(text, text).optional()

const ref = z.looseObject(
  { type: z.enum(['ref/prompt', 'ref/resource']), name: text.optional(), uri: text.optional() },
  'it is no reference. Next: give {"type": "ref/prompt", "name": …} or {"type": "ref/resource", "uri": …}.',
)
const completion = z.looseObject({
  ref: ref.refine(({ type, name, uri }) => (type === 'ref/prompt' ? name : uri) !== undefined, {
    error: 'it names nothing. Next: give a ref/prompt its name, or a ref/resource its uri.',
  }),
  argument: z.looseObject({ name: text, value: text }, 'it is no argument. Next: give {"name": …, "value": …}.'),
  context: z.looseObject({ arguments: texts }).optional(),
})

const flag = z.boolean().optional()
const listening = z.looseObject({
  notifications: z.looseObject(
    {
      toolsListChanged: flag,
      promptsListChanged: flag,
      resourcesListChanged: flag,
      resourceSubscriptions: z.array(text).optional(),
      taskIds: z.array(text).optional(),
    },
    'it says nothing to listen for. Next: give an object, such as {"resourcesListChanged": true}.',
  ),
})

/** Schemas by method. A method without one takes any params. */
const PARAMS: ReadonlyMap<string, z.ZodType> = new Map<string, z.ZodType>([
  ['tools/list', page],
  ['tools/call', z.looseObject({ name: text, arguments: z.looseObject({}).optional() })],
  ['resources/list', page],
  ['resources/templates/list', page],
  ['resources/read', resource],
  ['resources/subscribe', resource],
  ['resources/unsubscribe', resource],
  ['prompts/list', page],
  ['prompts/get', z.looseObject({ name: text, arguments: texts })],
  ['completion/complete', completion],
  ['subscriptions/listen', listening],
  ['tasks/get', task],
  ['tasks/update', task],
  ['tasks/cancel', task],
])

/** Next step for a request of something unknown, by its method. */
const KNOWN: ReadonlyMap<string, string> = new Map([
  ['tools/call', 'call a tool that tools/list names'],
  ['prompts/get', 'name a prompt that prompts/list has'],
  ['completion/complete', 'name a prompt that prompts/list has, or a template that resources/templates/list has'],
  ['resources/read', 'read what resources/list names, or what fits a template of resources/templates/list'],
])

const schemas = new Map<string, JsonSchema>()

/** The JSON-RPC error for params that this method does not take, or null. */
export function wrongParams(method: string, given: object): ProtocolError | null {
  const params = PARAMS.get(method)
  const error = params?.safeParse(given).error
  if (params === undefined || error === undefined) return null
  const schema = schemas.get(method) ?? z.toJSONSchema(params, { io: 'input' })
  schemas.set(method, schema)
  const words = `Invalid params of ${method}. ${refusalWords(error, given, schema)}`
  return new ProtocolError(ProtocolErrorCode.InvalidParams, words)
}

type Handler = Parameters<Server['_wrapHandler']>[1]

/** The SDK's server, but for its answer to wrong params. */
export class CheckingServer extends Server {
  protected override _wrapHandler(method: string, handler: Handler): Handler {
    const answer = super._wrapHandler(method, handler)
    if (!PARAMS.has(method)) return answer
    return async (request, ctx) => {
      const refused = wrongParams(method, request.params ?? {})
      if (refused !== null) throw refused
      try {
        return await answer(request, ctx)
      } catch (error) {
        const known = KNOWN.get(method)
        const isWrong = error instanceof ProtocolError && error.code === INVALID_PARAMS
        if (isWrong && known !== undefined && !error.message.includes('Next: ')) error.message += `. Next: ${known}.`
        throw error
      }
    }
  }
}

/** An McpServer whose requests are checked. */
export class CheckingMcpServer extends McpServer {
  override readonly server: Server

  constructor(info: Implementation, { capabilities, ...options }: McpServerOptions) {
    // Without capabilities McpServer registers nothing yet, so that its server can be another one.
    super(info, options)
    this.server = new CheckingServer(info, { ...options, ...(capabilities && { capabilities }) })
  }
}
