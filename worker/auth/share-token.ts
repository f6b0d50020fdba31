/**
 * The secret part of a share link: user and share, sealed with the server's key (AES-256-GCM). Nothing is asked of any object for a text
 * that this server did not make. It is sealed and not only signed, because a user's id tells who they are to somebody who can guess.
 */
import type { Env } from '../env.ts'
import { derivedKey } from './keys.ts'

export interface SharedPlace {
  userId: string
  /** 32 hex digits. */
  shareId: string
}

const IV_BYTES = 12
/** Of each of the two ids. */
const ID_BYTES = 16
/** IV, two ids and the tag of 16 bytes, in base64url. */
const TOKEN = /^[A-Za-z0-9_-]{80}$/

/** Throws on a server that has no secret to seal with. */
export async function sealShare(env: Env, { userId, shareId }: SharedPlace): Promise<string> {
  const key = await shareKey(env)
  if (key === null) throw new Error('AUTH_SECRET is not set. Fix: npx wrangler secret put AUTH_SECRET')
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES))
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, Buffer.from(userId + shareId, 'hex'))
  return Buffer.concat([iv, Buffer.from(sealed)]).toString('base64url')
}

/** Null for every text that this server did not seal. */
export async function openShare(env: Env, token: string): Promise<SharedPlace | null> {
  const key = await shareKey(env)
  if (key === null || !TOKEN.test(token)) return null
  const bytes = Buffer.from(token, 'base64url')
  const algorithm = { name: 'AES-GCM', iv: bytes.subarray(0, IV_BYTES) }
  try {
    const opened = Buffer.from(await crypto.subtle.decrypt(algorithm, key, bytes.subarray(IV_BYTES)))
    return {
      userId: opened.subarray(0, ID_BYTES).toString('hex'),
      shareId: opened.subarray(ID_BYTES).toString('hex'),
    }
  } catch {
    return null // altered, or sealed with another key
  }
}

async function shareKey(env: Env): Promise<CryptoKey | null> {
  const bytes = await derivedKey(env, 'share')
  return bytes && crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt'])
}
