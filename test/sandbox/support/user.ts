/** A user of their own for each test, and with it a session, a sandbox and a container. */
import { env, SELF } from 'cloudflare:test'
import type { Env } from '../../../worker/env.ts'
import { sandboxRunner } from '../../../worker/executor/sandbox-runner.ts'
import type { Sandbox } from '../../../worker/executor/sandbox.ts'
import type { NetworkPolicy } from '../../../worker/run/network/policy.ts'
import { DEFAULT_LIMITS } from '../../../worker/run/contract/protocol.ts'
import type { Runner } from '../../../worker/run/contract/runner.ts'
import { CLIENT_HEADERS, headersOf, modern } from '../../support/mcp-by-hand.ts'
import { allFrames, type RunFrame } from '../../session/support/events.ts'
import { idOfUser, userToken } from '../../session/support/users.ts'
import { host, type Machine, machineOf } from './container.ts'

export interface User {
  id: string
  /** The machine that their container gets. */
  machine: Machine
  /** Asks the machine to do something with the container, such as `destroy`. */
  host: (action: string, body?: string) => Promise<unknown>
  sandbox: () => DurableObjectStub<Sandbox>
  /** The runner as their session sees it. */
  runner: Runner
  http: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Response>
  /** The answer to an MCP request of 2026-07-28. */
  mcp: (request: unknown) => Promise<Response>
  /** Runs a program to its end, over HTTP; its stream. */
  run: (code: string, args?: object) => Promise<RunFrame[]>
}

const OPEN: NetworkPolicy = { network: 'open', allowed_hosts: [] }

export async function newUser(): Promise<User> {
  const { SANDBOX } = env as Env
  const name = crypto.randomUUID()
  const id = await idOfUser(name)
  const authorization = `Bearer ${await userToken(name)}`
  const container = SANDBOX!.idFromName(id).toString()
  const http: User['http'] = async (method, path, body, headers = {}) =>
    SELF.fetch(
      new Request(`http://localhost${path}`, {
        method,
        headers: { host: 'localhost', authorization, 'content-type': 'application/json', ...headers },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    )
  return {
    id,
    machine: machineOf(container),
    host: (action, body) => host(action, container, body),
    sandbox: () => SANDBOX!.getByName(id),
    runner: sandboxRunner(SANDBOX!, id, DEFAULT_LIMITS.workspace_bytes, () => OPEN),
    http,
    mcp: (request) => http('POST', '/mcp', modern(request), { ...CLIENT_HEADERS, ...headersOf(request) }),
    run: async (code, args) => allFrames(await http('POST', '/runs', { code, ...args })),
  }
}

/** What a run came to. */
export function outcomeOf(frames: RunFrame[]) {
  const { outcome } = frames.at(-1)!.data
  if (outcome === undefined) throw new Error(`no outcome: ${JSON.stringify(frames)}`)
  return outcome
}

/** What the platform said meanwhile. */
export function statusesOf(frames: RunFrame[]): string[] {
  return frames.filter(({ event }) => event === 'status').map(({ data }) => data.text ?? '')
}
