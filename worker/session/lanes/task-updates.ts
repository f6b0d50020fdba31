/**
 * `notifications/tasks` for clients of 2026-07-28 that listen with `taskIds`. The SDK's listening stream knows no tasks; but a task is a
 * run, and a run is a resource. So the SDK is asked for the updates of those resources, and on their way back they become the tasks in
 * their current state.
 */
import { hasTaskClientCapabilityV2 } from '@modelcontextprotocol/ext-tasks/core/v2'
import * as z from 'zod'
import { runUri } from '../../mcp/tasks/tasks.ts'
import { wrongParams } from '../../mcp/request-params.ts'
import { missingTasks, type Tasks } from '../../mcp/tasks/server.ts'
import { byBlock, messageOf } from './event-blocks.ts'
import { parsedJson } from '../../text/parsed-json.ts'

/** Most tasks that one stream reports; the acknowledgement names the reported ones. */
const MAX_WATCHED = 100

const listenRequest = z.looseObject({
  id: z.union([z.string(), z.number()]),
  method: z.literal('subscriptions/listen'),
  params: z.looseObject({}),
})

const listening = listenRequest.extend({
  params: z.looseObject({
    notifications: z.looseObject({
      taskIds: z.array(z.string()),
      resourceSubscriptions: z.array(z.string()).default([]),
    }),
  }),
})

const acknowledged = z.looseObject({
  method: z.literal('notifications/subscriptions/acknowledged'),
  params: z.looseObject({
    _meta: z.record(z.string(), z.unknown()).optional(),
    notifications: z.looseObject({ resourceSubscriptions: z.array(z.string()).default([]) }),
  }),
})

const updated = z.looseObject({
  method: z.literal('notifications/resources/updated'),
  params: z.looseObject({ uri: z.string() }),
})

export interface TaskUpdatesDeps {
  tasks: Tasks
  /** The SDK. Without the message it reads the body. */
  serve: (request: Request, message?: unknown) => Promise<Response>
  /** Resolves when the client has read enough. */
  ready: () => Promise<void>
}

/** Serves a request of 2026-07-28; `body`: its message. */
export async function withTaskUpdates(request: Request, body: unknown, deps: TaskUpdatesDeps): Promise<Response> {
  const { tasks, serve } = deps
  const listens = request.headers.get('mcp-method') === 'subscriptions/listen'
  const message = listens ? listenRequest.safeParse(body).data : undefined
  if (message === undefined) return serve(request, body ?? undefined)
  // The SDK answers this method itself, without a handler that would check them.
  const wrong = wrongParams(message.method, message.params)
  if (wrong !== null) {
    const error = { code: wrong.code, message: wrong.message }
    return Response.json({ jsonrpc: '2.0', id: message.id, error })
  }
  const asked = listening.safeParse(message).data
  if (asked === undefined) return serve(request, body ?? undefined)
  const { id, params } = asked
  if (!hasTaskClientCapabilityV2(params)) {
    const { code, message, data } = missingTasks()
    return Response.json({ jsonrpc: '2.0', id, error: { code, message, data } }, { status: 400 })
  }
  const { taskIds, resourceSubscriptions, ...others } = params.notifications
  const watched = [...new Set(taskIds)].slice(0, MAX_WATCHED).filter((taskId) => tasks.has(taskId))
  const uris = new Set([...resourceSubscriptions, ...watched.map(runUri)])
  const notifications = { ...others, resourceSubscriptions: [...uris] }
  const response = await serve(withBody(request, { ...asked, params: { ...params, notifications } }))
  if (response.body === null || response.headers.get('content-type') !== 'text/event-stream') return response
  const updates = new TaskUpdates(watched, resourceSubscriptions, deps)
  const rewritten = async function* (block: string) {
    for await (const each of updates.rewrite(block)) yield `${each}\n\n`
  }
  return new Response(response.body.pipeThrough(byBlock(rewritten)), response)
}

/** The rewriting of the SDK's frames. */
class TaskUpdates {
  /** Task ids by the resource of the same run. */
  readonly #watched: ReadonlyMap<string, string>
  /** Resources that the client itself has asked for. */
  readonly #asked: ReadonlySet<string>
  readonly #tasks: Tasks
  readonly #ready: () => Promise<void>
  /** The last reported status. */
  readonly #told = new Map<string, string>()
  #meta: unknown

  constructor(watched: string[], asked: string[], { tasks, ready }: TaskUpdatesDeps) {
    this.#watched = new Map(watched.map((id) => [runUri(id), id]))
    this.#asked = new Set(asked)
    this.#tasks = tasks
    this.#ready = ready
  }

  /** Rewrites a block of the stream. */
  async *rewrite(block: string): AsyncGenerator<string> {
    const message = parsedJson(messageOf(block) ?? '')
    const ack = acknowledged.safeParse(message).data
    if (ack !== undefined) {
      yield this.#acknowledgement(ack)
      // A task may have ended before anybody listened.
      for (const id of this.#watched.values()) yield* this.#tell(id)
      return
    }
    const uri = updated.safeParse(message).data?.params.uri
    const id = uri === undefined ? undefined : this.#watched.get(uri)
    if (uri === undefined || id === undefined || this.#asked.has(uri)) yield block
    if (id !== undefined) yield* this.#tell(id)
  }

  #acknowledgement(ack: z.infer<typeof acknowledged>): string {
    this.#meta = ack.params._meta
    const { resourceSubscriptions: honored, ...others } = ack.params.notifications
    const resourceSubscriptions = honored.filter((uri) => this.#asked.has(uri))
    const notifications = {
      ...others,
      ...(resourceSubscriptions.length > 0 && { resourceSubscriptions }),
      taskIds: [...this.#watched.values()],
    }
    return frame({ ...ack, params: { ...ack.params, notifications } })
  }

  /** The current state of the task, if its status is news. */
  async *#tell(id: string): AsyncGenerator<string> {
    await this.#ready()
    const task = await this.#tasks.get(id)
    if (task === null || this.#told.get(id) === task.status) return
    this.#told.set(id, task.status)
    yield frame({ jsonrpc: '2.0', method: 'notifications/tasks', params: { ...task, _meta: this.#meta } })
  }
}

function frame(message: unknown): string {
  return `event: message\ndata: ${JSON.stringify(message)}`
}

function withBody({ url, method, headers, signal }: Request, body: unknown): Request {
  const changed = new Headers(headers)
  changed.delete('content-length')
  return new Request(url, { method, headers: changed, signal, body: JSON.stringify(body) })
}
