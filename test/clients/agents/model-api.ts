/** How an agent and its model's API talk, as far as one call of a tool goes. */
import type { Seen } from '../cases.ts'

/** A call that the model asks for, by the tool's own name. */
export interface ModelCall {
  tool: string
  arguments: Record<string, unknown>
}

/** A server-sent event: its name, and its data before they are JSON. */
export type ModelEvent = [name: string, data: Record<string, unknown>]

export interface ModelApi<Request = unknown> {
  /** The end of the path of a request to the model. */
  path: string
  /** The call, as the model would ask for it; undefined while the agent does not offer the tool. */
  ask(request: Request, call: ModelCall): ModelEvent[] | undefined
  /** The end of the turn, with a word to the user. */
  end(request: Request): ModelEvent[]
  /** What the model is told of its call. */
  told(request: Request): Seen | undefined
}
