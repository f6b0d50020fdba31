/** A person's identity and its issuer: the one interface for GitHub, any OpenID Connect issuer and the local button. */
import * as z from 'zod'
import type { Env } from '../../env.ts'

export const identitySchema = z.object({
  /** Issuer of the identity. With `subject` it makes the user id. */
  issuer: z.string(),
  /** Key that never changes and is never given to somebody else, unlike names and addresses. */
  subject: z.string(),
  /** Name for people to read. */
  name: z.string(),
  /** The name that the issuer lets people choose for themselves, when it is unique there. */
  login: z.string().nullable(),
  /** Address that the issuer has verified; others are left out. */
  email: z.string().nullable(),
})
export type Identity = z.infer<typeof identitySchema>

/** Values that a sign-in remembers until its browser comes back. */
export interface SignInSecrets {
  state: string
  nonce: string
  codeVerifier: string
}

export interface IdentityProvider {
  /** The provider's name in paths. */
  readonly id: 'github' | 'oidc'
  /** The provider's name for people, as in "Sign in with …". */
  readonly label: string
  /** The issuer's address at which the browser signs in. Throws when the issuer cannot be reached. */
  authorizationUrl(redirectUri: string, secrets: SignInSecrets): Promise<URL>
  /** The identity that came back. Throws SignInRefused when the issuer or the user said no. */
  identityOf(callback: URL, redirectUri: string, secrets: SignInSecrets): Promise<Identity>
}

/** A sign-in that came back without an identity; the message is for the user. */
export class SignInRefused extends Error {
  override readonly name = 'SignInRefused'
}

/** The local developer: the person at the machine on which a server with DEV_TOKEN runs. */
export const LOCAL_DEVELOPER: Identity = {
  issuer: 'dev',
  subject: 'local',
  name: 'Local developer',
  login: null,
  email: null,
}

/** Headers that a tunnel or proxy adds: such a request need not come from this machine, whatever its address says. */
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via']

/**
 * Returns whether the local button may be offered: on a server with a DEV_TOKEN, which a deployment never has, to requests that came to its
 * loopback address, and not through a tunnel.
 */
export function hasLocalSignIn(env: Env, request: Request): boolean {
  const { protocol, host } = new URL(request.url)
  const asked = `${protocol}//${request.headers.get('host') ?? host}`
  const isDirect = !FORWARDED.some((header) => request.headers.has(header))
  return Boolean(env.DEV_TOKEN) && isDirect && URL.canParse(asked) && isLoopback(new URL(asked).hostname)
}

/** Returns whether a host name, as URLs have it, means this machine. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname)
}
