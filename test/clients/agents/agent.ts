/** An agent program on somebody's machine. */
import type { BrowserProgram } from '../sign-in.ts'
import type { ModelApi } from './model-api.ts'

/** Where it runs: everything that it keeps goes into `home`. */
export interface Desk {
  /** Where it is installed. */
  folder: string
  home: string
  /** The address of the MCP server. */
  server: string
}

export interface Agent {
  api: ModelApi
  /** One turn without a window, with the model at `model`. Without a token it uses what its sign-in has left. */
  turn(desk: Desk, model: string, token?: string): Promise<void>
  /** Signs in by OAuth, and returns what it said to that. */
  signIn(desk: Desk, browser: BrowserProgram): Promise<string>
}
