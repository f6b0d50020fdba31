/**
 * State of a sign-in while its browser is away at the issuer: in a cookie that only this browser has and only this server can read or
 * write. Nothing is stored, so nobody outside can fill a store.
 */
import { EncryptJWT, errors, jwtDecrypt } from 'jose'
import * as z from 'zod'
import type { Env } from '../env.ts'
import type { SignInSecrets } from './identity/identity.ts'
import { derivedKey, randomSecret } from './keys.ts'

/** Longest duration of a sign-in. Seconds. */
export const SIGN_IN_LIFE_S = 600
/** Longest address to come back to. Characters; a cookie holds 4,096 bytes. */
export const MAX_RETURN_CHARS = 2_400

const signIn = z.object({
  provider: z.enum(['github', 'oidc']),
  state: z.string(),
  nonce: z.string(),
  codeVerifier: z.string(),
  returnTo: z.string(),
})
export type SignIn = z.infer<typeof signIn>

export function newSecrets(): SignInSecrets {
  return { state: randomSecret(), nonce: randomSecret(), codeVerifier: randomSecret() }
}

/** The cookie's name: a different one for each sign-in, so that two tabs can sign in at once. */
export function signInCookieName(state: string): string {
  return `__Host-sign-in-${state.slice(0, 12)}`
}

/** The cookie's value. Throws on a server that has no secret. */
export async function sealSignIn(env: Env, remembered: SignIn): Promise<string> {
  return new EncryptJWT(remembered)
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .setExpirationTime(`${SIGN_IN_LIFE_S}s`)
    .encrypt(await signInKey(env))
}

/** The remembered state, or null when the value is not one of ours, or too old. */
export async function openSignIn(env: Env, value: string): Promise<SignIn | null> {
  try {
    const { payload } = await jwtDecrypt(value, await signInKey(env), {
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
    })
    return signIn.parse(payload)
  } catch (error) {
    if (error instanceof errors.JOSEError) return null
    throw error
  }
}

async function signInKey(env: Env): Promise<Uint8Array> {
  const key = await derivedKey(env, 'sign-in')
  if (key === null)
    throw new Error('AUTH_SECRET is not set: nobody can sign in. Fix: npx wrangler secret put AUTH_SECRET')
  return key
}
