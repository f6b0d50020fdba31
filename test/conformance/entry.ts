/** Production's Worker with two differences: the suite's fixture tools, and nobody is asked for a token. */
import { getAgentByName } from 'agents'
import type { McpServer, ServerNotifier } from '@modelcontextprotocol/server'
import { userIdOf } from '../../worker/auth/caller.ts'
import type { Env } from '../../worker/env.ts'
import { Session as ProductionSession } from '../../worker/session/session.ts'
import type { Caller } from '../../worker/mcp/server.ts'
import { createApp } from '../../worker/web/app.ts'
import { createFixtureServer } from './fixture-server.ts'

export class Session extends ProductionSession {
  protected override createServer(_caller: Caller, changes?: ServerNotifier): McpServer {
    return createFixtureServer(changes)
  }
}

const app = createApp({
  version: 'test',
  authenticate: async () => ({ userId: await userIdOf('test', 'conformance'), scopes: ['*'], client: 'conformance' }),
  session: (env, caller) => getAgentByName(env.SESSION, caller.userId),
})

export default { fetch: app.fetch } satisfies ExportedHandler<Env>
