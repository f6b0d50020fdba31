/**
 * The Tasks extension on the wire: an MCP server whose tools may answer with a task, and which serves `tasks/get`, `tasks/update` and
 * `tasks/cancel`. Its `Tasks` says which tasks there are, and what they mean.
 */
import {
  type CallToolResult,
  type Implementation,
  type InputRequests,
  McpServer,
  type McpServerOptions,
  MissingRequiredClientCapabilityError,
  ProtocolError,
  ProtocolErrorCode,
  type Server,
  type ServerContext,
} from '@modelcontextprotocol/server'
import {
  type ErrorV2,
  GetTaskRequestV2Schema,
  hasTaskClientCapabilityV2,
  TASKS_EXTENSION_ID_V2 as EXTENSION,
  type TaskV2 as Task,
  TaskV2Schema,
} from '@modelcontextprotocol/ext-tasks/core/v2'
import { CheckingServer } from '../request-params.ts'

export type { Task }

/** A task with the fields of its status. */
export type DetailedTask = Task &
  (
    | { status: 'working' | 'cancelled' }
    | { status: 'input_required'; inputRequests: InputRequests }
    | { status: 'completed'; result: CallToolResult & { resultType: 'complete' } }
    | { status: 'failed'; error: ErrorV2 }
  )

/** The tasks of the user who calls. */
export interface Tasks {
  has(id: string): boolean
  /** The task with this id, or null. */
  get(id: string): Promise<DetailedTask | null>
  /** Passes on the client's answers, by the keys of `inputRequests`; answers that the task did not ask for are ignored. */
  update(id: string, answers: Record<string, unknown>): void
  /** Ends the task, if it has not ended. */
  cancel(id: string): Promise<void>
  /** Returns whether a tool can only be answered with a task. */
  needsTask?(tool: string): boolean
}

/** Returns whether the client of a request takes a task in place of a result. It declares that with each request. */
export function declaresTasks({ mcpReq }: ServerContext): boolean {
  return hasTaskClientCapabilityV2({ _meta: mcpReq.envelope })
}

export function missingTasks(): MissingRequiredClientCapabilityError {
  const words = `This is for clients that declare the extension ${EXTENSION}. Next: declare it in the clientCapabilities of the request.`
  return new MissingRequiredClientCapabilityError({ requiredCapabilities: { extensions: { [EXTENSION]: {} } } }, words)
}

/** A tool's result that the client gets as this task. Only for a client that declares tasks, and from a tool of a TaskServer. */
export function handedOut(result: CallToolResult, task: Task): CallToolResult {
  return { ...result, _meta: { ...result._meta, [EXTENSION]: task } }
}

/** A server for 2026-07-28 alone: in the revisions before, tasks were something else. */
export class TaskServer extends McpServer {
  override readonly server: Server

  constructor(info: Implementation, { capabilities, ...options }: McpServerOptions, tasks: Tasks) {
    // Without capabilities McpServer registers nothing yet, so that its server can be another one.
    super(info, options)
    const extensions = { ...capabilities?.extensions, [EXTENSION]: {} }
    this.server = new WithTasks(info, { ...options, capabilities: { ...capabilities, extensions } }, tasks)
  }
}

class WithTasks extends CheckingServer {
  readonly #tasks: Tasks

  constructor(info: Implementation, options: McpServerOptions, tasks: Tasks) {
    super(info, options)
    this.#tasks = tasks
    const params = GetTaskRequestV2Schema.shape.params
    const known = (id: string, ctx: ServerContext) => {
      assertDeclared(ctx)
      return tasks.has(id) ? id : unknownTask()
    }
    this.setRequestHandler('tasks/get', { params }, async ({ taskId }, ctx) => {
      return (await tasks.get(known(taskId, ctx))) ?? unknownTask()
    })
    this.setRequestHandler('tasks/update', { params }, ({ taskId }, ctx) => {
      // The SDK has taken the answers out of the params, as it does for retried calls.
      tasks.update(known(taskId, ctx), ctx.mcpReq.inputResponses ?? {})
      return {}
    })
    this.setRequestHandler('tasks/cancel', { params }, async ({ taskId }, ctx) => {
      await tasks.cancel(known(taskId, ctx))
      return {}
    })
  }

  /** The SDK refuses a task as a tool's result and turns a tool's exception into one: both are put right around its handler. */
  protected override _wrapHandler(method: string, handler: ToolsCall): ToolsCall {
    const answer = super._wrapHandler(method, handler)
    if (method !== 'tools/call') return answer
    return async (request, ctx) => {
      const tool = request.params?.['name']
      if (typeof tool === 'string' && this.#tasks.needsTask?.(tool) === true) assertDeclared(ctx)
      const result = await answer(request, ctx)
      const task = result._meta?.[EXTENSION]
      return task === undefined ? result : { resultType: 'task', ...TaskV2Schema.parse(task) }
    }
  }
}

type ToolsCall = Parameters<Server['_wrapHandler']>[1]

function assertDeclared(ctx: ServerContext): void {
  if (!declaresTasks(ctx)) throw missingTasks()
}

function unknownTask(): never {
  const words = 'There is no such task; old ones are forgotten. Next: call the tool again.'
  throw new ProtocolError(ProtocolErrorCode.InvalidParams, words)
}
