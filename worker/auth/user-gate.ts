/**
 * Proof that this server once named a user. A link, a personal token or a browser's cookie names a user before anything else is known, and
 * has to bring it. Otherwise anybody could have objects made for users who never were.
 */
import type { Env } from '../env.ts'
import { derivedKey, operatorSecret } from './keys.ts'

export type GateUse = 'link' | 'token' | 'browser'

/** The proof for one user and one use, 43 characters; null on a server that has no secret to make it with. */
export async function userGate(env: Env, use: GateUse, userId: string): Promise<string | null> {
  const key = await hmacKey(env, use)
  if (key === null) return null
  return Buffer.from(await crypto.subtle.sign('HMAC', key, gated(userId))).toString('base64url')
}

export async function passesGate(env: Env, use: GateUse, userId: string, gate: string | null): Promise<boolean> {
  const key = await hmacKey(env, use)
  if (key === null || gate === null || !/^[A-Za-z0-9_-]{43}$/.test(gate)) return false
  return crypto.subtle.verify('HMAC', key, new Uint8Array(Buffer.from(gate, 'base64url')), gated(userId))
}

/** The keys that were made last, each with the secret that it comes from: to derive one costs more than to use it. */
const lastMade = new Map<GateUse, { secret: string; key: CryptoKey }>()

async function hmacKey(env: Env, use: GateUse): Promise<CryptoKey | null> {
  const secret = operatorSecret(env)
  const made = lastMade.get(use)
  if (made !== undefined && made.secret === secret) return made.key
  const bytes = await derivedKey(env, use)
  if (bytes === null || secret === null) return null
  const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])
  lastMade.set(use, { secret, key })
  return key
}

function gated(userId: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new TextEncoder().encode(userId))
}
