/**
 * Personal tokens and browser cookies as texts: the user they belong to, a secret that only the user's account can check, and a proof that
 * this server named that user.
 */
import type { Env } from '../env.ts'
import { passesGate, userGate } from './user-gate.ts'

/** Beginning of personal tokens, by which this server, and scanners that look for leaked tokens, tell them from others. */
export const TOKEN_PREFIX = 'mcpcm_'

export interface Credential {
  userId: string
  secret: string
}

/** Writes a credential as text. Throws on a server that has no secret to sign with. */
export async function formatCredential(env: Env, use: 'token' | 'browser', credential: Credential): Promise<string> {
  const gate = await userGate(env, use, credential.userId)
  if (gate === null) throw new Error('AUTH_SECRET is not set. Fix: npx wrangler secret put AUTH_SECRET')
  return `${use === 'token' ? TOKEN_PREFIX : ''}${credential.userId}${credential.secret}${gate}`
}

/** Reads the user and the secret from a text with a valid proof; only the account knows whether the secret is right. Null for all else. */
export async function readCredential(env: Env, use: 'token' | 'browser', text: string): Promise<Credential | null> {
  const body = use === 'token' && text.startsWith(TOKEN_PREFIX) ? text.slice(TOKEN_PREFIX.length) : text
  const [, userId, secret, gate] = /^([0-9a-f]{32})([A-Za-z0-9_-]{43})([A-Za-z0-9_-]{43})$/.exec(body) ?? []
  if (userId === undefined || secret === undefined || gate === undefined) return null
  return (await passesGate(env, use, userId, gate)) ? { userId, secret } : null
}
