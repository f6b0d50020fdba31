/** Composition root: who is who, and which session belongs to whom. Imports all, imported by none. */
import { getAgentByName } from 'agents'
import { devCaller } from './auth/dev-token.ts'
import type { Env } from './env.ts'
import { VERSION } from './mcp/server.ts'
import { createApp } from './web/app.ts'

export { Session } from './session/session.ts'

const app = createApp({
  version: VERSION,
  authenticate: devCaller,
  // The name comes from the verified caller alone: no header, argument or path can choose whose object is used.
  session: (env, caller) => getAgentByName(env.SESSION, caller.userId),
})

export default { fetch: app.fetch } satisfies ExportedHandler<Env>
