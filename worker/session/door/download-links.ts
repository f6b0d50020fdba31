/** Signed links to a user's files: their key, and links to hand out. */
import { userGate } from '../../auth/user-gate.ts'
import type { Env } from '../../env.ts'
import { KEY_BYTES, LINK_LIFE_MS, linkUrl } from '../../files/download.ts'
import { secretKey } from '../store/keys.ts'
import type { Sql } from '../store/sql.ts'

export interface DownloadLinksDeps {
  sql: Sql
  env: Env
  userId: () => string
  now: () => number
}

export class DownloadLinks {
  readonly #deps: DownloadLinksDeps

  constructor(deps: DownloadLinksDeps) {
    this.#deps = deps
  }

  key(): Uint8Array<ArrayBuffer> {
    return secretKey(this.#deps.sql, 'download', KEY_BYTES)
  }

  /** A link below the address of the deployment, or, without one, below `origin`; null where no links are given. */
  async url(path: string, origin: string | undefined): Promise<string | null> {
    const { env, now } = this.#deps
    const base = env.PUBLIC_URL ?? origin
    if (base === undefined) return null
    const userId = this.#deps.userId()
    const gate = await userGate(env, 'link', userId)
    return gate === null ? null : linkUrl(base, { userId, path, expires: now() + LINK_LIFE_MS, gate }, this.key())
  }
}
