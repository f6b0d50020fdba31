/** The Worker's environment: bindings of wrangler.toml, and variables of the environment or `.dev.vars`. */
import type { Account } from './auth/account.ts'
import type { Sandbox } from './executor/sandbox.ts'
import type { Session } from './session/session.ts'

export interface Env {
  SESSION: DurableObjectNamespace<Session>
  ACCOUNT: DurableObjectNamespace<Account>
  /** The OAuth provider's clients, grants and tokens. */
  OAUTH_KV: KVNamespace
  /** Limit on how often one address may register an OAuth client. */
  REGISTRATIONS?: RateLimit
  /** Each user's container. Without it, and without a local runner, no program can run. */
  SANDBOX?: DurableObjectNamespace<Sandbox>
  /** Bucket for containers' disks. Without it they are lost when a container sleeps. */
  BACKUP_BUCKET?: R2Bucket
  /** The local runner, set by `npm run dev`. */
  RUNNER_URL?: string
  RUNNER_TOKEN?: string
  /** Bearer token of the local user. Accepted only when it is set, which is never the case in a deployment. */
  DEV_TOKEN?: string
  /**
   * At least 32 random characters: keys derived from it prove cookies, personal tokens and signed links. Unset: DEV_TOKEN takes its place.
   */
  AUTH_SECRET?: string
  /** The origin that users see, such as `https://code.example.com`. Unset: the platform's own host names. */
  PUBLIC_URL?: string
  /** `off`: nobody makes a link by which others see a run, and those that were made show nothing. */
  SHARE_LINKS?: string
  /** Limits of each user; session/allowance/limits.ts has their defaults. */
  REQUESTS_PER_MINUTE?: string
  RUN_MINUTES_PER_DAY?: string
  MAX_PARALLEL_RUNS?: string
  /** MiB that a user's workspace may keep on disk. Unset: 4096. */
  WORKSPACE_QUOTA_MIB?: string
  /** Hosts of the package index, separated by spaces or commas. Unset: those that the image's build found. */
  PACKAGE_HOSTS?: string
  /** Allow list of users: addresses, `@domains`, GitHub logins, or `*`. Unset: nobody. */
  ALLOWED_USERS?: string
  /** An OAuth app of GitHub, or of the GitHub Enterprise server at GITHUB_URL. */
  GITHUB_CLIENT_ID?: string
  GITHUB_CLIENT_SECRET?: string
  GITHUB_URL?: string
  /** A client of any OpenID Connect issuer; OIDC_NAME is its name on the sign-in button. */
  OIDC_ISSUER?: string
  OIDC_CLIENT_ID?: string
  OIDC_CLIENT_SECRET?: string
  OIDC_NAME?: string
  /** `true`: addresses count as verified although the issuer does not say so (`email_verified`), as with Entra. */
  OIDC_TRUST_EMAIL?: string
}
