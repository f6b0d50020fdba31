/** The operator's one secret, and the keys that are derived from it: one for each use, so that what is made for one proves nothing for another. */
import type { Env } from '../env.ts'

/** What a key is for. */
type Purpose = 'link' | 'token' | 'browser' | 'sign-in'

const KEY_BYTES = 32

/**
 * The 32 bytes for one purpose, by HKDF-SHA-256 from AUTH_SECRET, or, where that is unset, from DEV_TOKEN; null on a server that has
 * neither, which then signs nobody in and gives out no links.
 */
export async function derivedKey(env: Env, purpose: Purpose): Promise<Uint8Array<ArrayBuffer> | null> {
  const secret = env.AUTH_SECRET || env.DEV_TOKEN
  if (secret === undefined || secret === '') return null
  const encoder = new TextEncoder()
  const material = await crypto.subtle.importKey('raw', encoder.encode(secret), 'HKDF', false, ['deriveBits'])
  const info = encoder.encode(`mcp-code-mode ${purpose}`)
  const parameters = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info }
  return new Uint8Array(await crypto.subtle.deriveBits(parameters, material, KEY_BYTES * 8))
}

/** SHA-256 of a text, in hex. */
export async function sha256(text: string): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))).toString('hex')
}

/** A new secret: 256 random bits in base64url, 43 characters. */
export function randomSecret(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')
}
