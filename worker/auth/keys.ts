/** The operator's one secret, and the keys derived from it: one for each use, so that a proof for one use is worth nothing for another. */
import type { Env } from '../env.ts'

/** Use of a derived key. */
type Purpose = 'link' | 'token' | 'browser' | 'sign-in' | 'share'

const KEY_BYTES = 32
/** Least length of a secret that the operator chose. Characters. */
const MIN_SECRET = 32

/** An operator's setting that cannot work; the message is for their log. */
export class Misconfigured extends Error {
  override readonly name = 'Misconfigured'
}

/** The secret that keys are derived from, or null where there is none. Throws when AUTH_SECRET is too short. */
export function operatorSecret({ AUTH_SECRET, DEV_TOKEN }: Env): string | null {
  if (AUTH_SECRET && AUTH_SECRET.length < MIN_SECRET) {
    throw new Misconfigured(
      `AUTH_SECRET must have at least ${MIN_SECRET} characters. Fix: npx wrangler secret put AUTH_SECRET`,
    )
  }
  return AUTH_SECRET || DEV_TOKEN || null
}

/**
 * The 32 bytes for one purpose, by HKDF-SHA-256 from AUTH_SECRET, or, where that is unset, from DEV_TOKEN; null on a server that has
 * neither, which then signs nobody in and gives out no links.
 */
export async function derivedKey(env: Env, purpose: Purpose): Promise<Uint8Array<ArrayBuffer> | null> {
  const secret = operatorSecret(env)
  if (secret === null) return null
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
