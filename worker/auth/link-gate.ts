/**
 * What a link that needs no token shows before it may reach a session object: that this server once named the user in it. Otherwise
 * anybody could have objects made for users who never were.
 */
import type { Env } from '../env.ts'

/** The proof for one user; null on a server that has no secret to make it with, which then gives out no links. */
export async function linkGate(env: Env, userId: string): Promise<string | null> {
  const key = await gateKey(env, 'sign')
  if (key === null) return null
  return Buffer.from(await crypto.subtle.sign('HMAC', key, gated(userId))).toString('base64url')
}

export async function passesGate(env: Env, userId: string, gate: string | null): Promise<boolean> {
  const key = await gateKey(env, 'verify')
  if (key === null || gate === null || !/^[A-Za-z0-9_-]{43}$/.test(gate)) return false
  return crypto.subtle.verify('HMAC', key, new Uint8Array(Buffer.from(gate, 'base64url')), gated(userId))
}

async function gateKey({ LINK_SECRET, DEV_TOKEN }: Env, use: 'sign' | 'verify'): Promise<CryptoKey | null> {
  const secret = LINK_SECRET ?? DEV_TOKEN
  if (secret === undefined || secret === '') return null
  const bytes = new TextEncoder().encode(secret)
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, [use])
}

function gated(userId: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new TextEncoder().encode(`link gate\n${userId}`))
}
