/** KV for the OAuth provider, which makes keys of any text it is sent and trusts any value it finds. */
import * as z from 'zod'
import type { Env } from '../env.ts'
import { orElse, readStoredJson } from '../stored.ts'

/** Longest key of KV. */
const MAX_KEY_BYTES = 512

const wantsJson = z.union([z.literal('json'), z.looseObject({ type: z.literal('json') })])

/** Fields that the provider, or a page of ours, cannot do without. By how the key begins. */
const KINDS: Readonly<Record<string, z.ZodType>> = {
  client: z.looseObject({ clientId: z.string(), redirectUris: z.array(z.string()) }),
  grant: z.looseObject({
    id: z.string(),
    clientId: z.string(),
    userId: z.string(),
    scope: z.array(z.string()),
    encryptedProps: z.string(),
    // Seconds since 1970.
    createdAt: z.number().min(0).max(8.64e12),
  }),
  token: z.looseObject({
    id: z.string(),
    grantId: z.string(),
    userId: z.string(),
    expiresAt: z.number(),
    scope: z.array(z.string()).optional(),
    wrappedEncryptionKey: z.string(),
    grant: z.looseObject({ clientId: z.string(), scope: z.array(z.string()), encryptedProps: z.string() }),
  }),
}
const anything = z.unknown()

/**
 * The environment with a bounded KV: a key that is too long for KV, or a value that cannot be read, counts as not found rather than as an
 * error of ours.
 */
export function withinBounds(env: Env): Env {
  const encoder = new TextEncoder()
  const OAUTH_KV = new Proxy(env.OAUTH_KV, {
    get: (kv, name) => {
      const member: unknown = Reflect.get(kv, name)
      if (typeof member !== 'function') return member
      if (name !== 'get') return member.bind(kv)
      return async (key: string, options?: unknown) => {
        if (encoder.encode(key).length > MAX_KEY_BYTES) return null
        const isJson = wantsJson.safeParse(options).success
        if (!isJson) return Reflect.apply(member, kv, [key, options])
        return orElse(readStoredJson(KINDS[key.split(':', 1)[0]!] ?? anything, await kv.get(key)), null)
      }
    },
  })
  return { ...env, OAUTH_KV }
}
