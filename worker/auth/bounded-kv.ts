/** KV as the OAuth provider may use it, which makes keys of whatever it is sent. */
import type { Env } from '../env.ts'

/** Longest key of KV. */
const MAX_KEY_BYTES = 512

/** The environment with a KV in which a key that is too long for it names nothing, instead of being a failure of ours. */
export function withinBounds(env: Env): Env {
  const encoder = new TextEncoder()
  const OAUTH_KV = new Proxy(env.OAUTH_KV, {
    get: (kv, name) => {
      const member: unknown = Reflect.get(kv, name)
      if (typeof member !== 'function') return member
      if (name !== 'get') return member.bind(kv)
      return async (key: string, ...options: unknown[]) =>
        encoder.encode(key).length > MAX_KEY_BYTES ? null : Reflect.apply(member, kv, [key, ...options])
    },
  })
  return { ...env, OAUTH_KV }
}
