/** Every kind of bearer token and its caller: the OAuth provider's own, personal ones, and the local server's. */
import type { OAuthResourceTokenValidation } from '@cloudflare/workers-oauth-provider'
import * as z from 'zod'
import type { Env } from '../env.ts'
import { userIdOf } from './caller.ts'
import { readCredential, TOKEN_PREFIX } from './credential.ts'
import { isAllowed } from './identity/allow-list.ts'
import { identitySchema, LOCAL_DEVELOPER } from './identity/identity.ts'
import { readStored, UNREADABLE } from '../stored.ts'
import { ALL_SCOPES } from './scopes.ts'

/** Facts that a grant keeps about the user who gave it. */
export const grantProps = z.object({
  identity: identitySchema,
  /** Milliseconds since 1970. */
  authorizedAt: z.number(),
  /** The client's name, for people to read. */
  clientName: z.string(),
  /** Id of the personal token that stands for a grant. */
  tokenId: z.string().optional(),
})
export type GrantProps = z.infer<typeof grantProps>

export type Validated = OAuthResourceTokenValidation<GrantProps>

/** The caller of a token of any kind, or null. `ofProvider` knows the tokens of the OAuth provider. */
export async function validateToken(
  env: Env,
  resource: string,
  token: string,
  ofProvider: () => Promise<Validated | null>,
): Promise<Validated | null> {
  const validated =
    (await devToken(env, resource, token)) ??
    (token.startsWith(TOKEN_PREFIX) ? await personalToken(env, resource, token) : await ofProvider())
  const props = readStored(grantProps, validated?.props)
  // A user who was taken off the list is out at once.
  return validated !== null && props !== UNREADABLE && isAllowed(env, props.identity) ? validated : null
}

/** The grant that a token of the OAuth provider names, which is `user:grant:secret`; undefined for a token of another kind. */
export function grantIdOf(token: string): string | undefined {
  const [userId, grantId = '', secret, more] = token.split(':', 4)
  const isOfGrant = /^[0-9a-f]{32}$/.test(userId!) && isGrantId(grantId) && Boolean(secret) && more === undefined
  return isOfGrant ? grantId : undefined
}

export function isGrantId(text: string): boolean {
  return /^[\w-]{16}$/.test(text)
}

/** The caller with DEV_TOKEN, on a server that has one. */
async function devToken(env: Env, resource: string, token: string): Promise<Validated | null> {
  if (!env.DEV_TOKEN || !(await sameText(token, env.DEV_TOKEN))) return null
  return {
    props: { identity: LOCAL_DEVELOPER, authorizedAt: Date.now(), clientName: 'DEV_TOKEN' },
    audience: resource,
    scope: ALL_SCOPES,
    userId: await userIdOf(LOCAL_DEVELOPER.issuer, LOCAL_DEVELOPER.subject),
  }
}

async function personalToken(env: Env, resource: string, token: string): Promise<Validated | null> {
  const credential = await readCredential(env, 'token', token)
  if (credential === null) return null
  const recognized = await env.ACCOUNT.getByName(credential.userId).token(credential.secret)
  if (recognized === null) return null
  const { id, identity, created_at, name, scopes } = recognized
  return {
    props: { identity, authorizedAt: created_at, clientName: name, tokenId: id },
    audience: resource,
    scope: scopes,
    userId: credential.userId,
  }
}

/** Compares digests, so that neither the length nor a common beginning shows in the time it takes. */
export async function sameText(a: string, b: string): Promise<boolean> {
  const encoder = new TextEncoder()
  const [first, second] = await Promise.all([a, b].map((text) => crypto.subtle.digest('SHA-256', encoder.encode(text))))
  return crypto.subtle.timingSafeEqual(first!, second!)
}
