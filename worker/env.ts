/** What the Worker is given: bindings of wrangler.toml, and variables of the environment or `.dev.vars`. */
import type { Session } from './session/session.ts'

export interface Env {
  SESSION: DurableObjectNamespace<Session>
  /** The local runner, set by `npm run dev`. */
  RUNNER_URL?: string
  RUNNER_TOKEN?: string
  /** Bearer token of the local user. Accepted only when it is set, which is never the case in a deployment. */
  DEV_TOKEN?: string
  /** Proves, in links that need no token, that this server named their user. Unset: DEV_TOKEN does, and without either there are no links. */
  LINK_SECRET?: string
  /** The origin that users see, such as `https://code.example.com`. Unset: the platform's own host names. */
  PUBLIC_URL?: string
}
