/** Production's Worker with two differences: the suite's fixture tools beside the runs, and nobody is asked for a token. */
import { getAgentByName } from 'agents'
import type { Env } from '../../worker/env.ts'
import { Session as ProductionSession } from '../../worker/session/session.ts'
import type { ServerFactory } from '../../worker/session/lanes/lanes.ts'
import { createApp } from '../../worker/web/app.ts'
import { AskedTasks } from './fixture/asked-tasks.ts'
import { createFixtureServer } from './fixture-server.ts'

export class Session extends ProductionSession {
  readonly #asked = new AskedTasks()

  protected override readonly createServer: ServerFactory = (caller, _tools, changes) =>
    createFixtureServer(caller, this.#asked, changes)
}

const app = createApp({
  version: 'test',
  session: (env, userId) => getAgentByName(env.SESSION, userId),
  unstarted: (env, userId) => env.SESSION.get(env.SESSION.idFromName(userId)),
})

export { Account } from '../../worker/auth/account.ts'

export default {
  fetch(request, env, ctx) {
    const named = new Request(request)
    named.headers.set('authorization', `Bearer ${env.DEV_TOKEN}`)
    return app.fetch(named, env, ctx)
  },
} satisfies ExportedHandler<Env>
