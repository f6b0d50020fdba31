/** Composition root. Imports all, imported by none. */
import { getAgentByName } from 'agents'
import type { Env } from './env.ts'
import { VERSION } from './mcp/server.ts'
import { createApp } from './web/app.ts'

export { Account } from './auth/account.ts'
export { ContainerProxy } from './executor/egress.ts'
export { Sandbox } from './executor/sandbox.ts'
export { Session } from './session/session.ts'

const app = createApp({
  version: VERSION,
  session: (env, userId) => getAgentByName(env.SESSION, userId),
  unstarted: (env, userId) => env.SESSION.get(env.SESSION.idFromName(userId)),
})

export default { fetch: app.fetch } satisfies ExportedHandler<Env>
