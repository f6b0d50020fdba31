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
  // The name comes from the verified caller, or from a signed link that the object itself verifies: nothing else can choose whose it is.
  session: (env, { userId }) => getAgentByName(env.SESSION, userId),
})

export default { fetch: app.fetch } satisfies ExportedHandler<Env>
