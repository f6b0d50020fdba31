/** Who somebody is, according to whom: the one interface behind which GitHub, any OpenID Connect issuer and the local button are. */
import * as z from 'zod'
import type { Env } from '../../env.ts'

export const identitySchema = z.object({
  /** Who says so. With `subject` it makes the user id. */
  issuer: z.string(),
  /** Never changes and is never given to somebody else, unlike names and addresses. */
  subject: z.string(),
  /** For people to read. */
  name: z.string(),
  /** The name that the issuer lets people choose for themselves, when it is unique there. */
  login: z.string().nullable(),
  /** Only an address that the issuer has verified. */
  email: z.string().nullable(),
})
export type Identity = z.infer<typeof identitySchema>

/** What a sign-in has to remember until its browser comes back. */
export interface SignInSecrets {
  state: string
  nonce: string
  codeVerifier: string
}

export interface IdentityProvider {
  /** In paths. */
  readonly id: 'github' | 'oidc'
  /** For people to read, as in "Sign in with …". */
  readonly label: string
  /** Where the browser goes to sign in. Throws when the issuer cannot be reached. */
  authorizationUrl(redirectUri: string, secrets: SignInSecrets): Promise<URL>
  /** Who came back. Throws SignInRefused when the issuer or the user said no. */
  identityOf(callback: URL, redirectUri: string, secrets: SignInSecrets): Promise<Identity>
}

/** The sign-in came back without an identity; the message is for the user. */
export class SignInRefused extends Error {
  override readonly name = 'SignInRefused'
}

/** The local developer: whoever sits at the machine that a server with DEV_TOKEN runs on. */
export const LOCAL_DEVELOPER: Identity = {
  issuer: 'dev',
  subject: 'local',
  name: 'Local developer',
  login: null,
  email: null,
}

/** What a tunnel or proxy adds: then whoever asks need not be at this machine, whatever the address says. */
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via']

/**
 * Whether the local button may be offered: on a server with a DEV_TOKEN, which a deployment never has, to requests that came to its
 * loopback address, and not through a tunnel.
 */
export function hasLocalSignIn(env: Env, request: Request): boolean {
  const { protocol, host } = new URL(request.url)
  const asked = `${protocol}//${request.headers.get('host') ?? host}`
  const isDirect = !FORWARDED.some((header) => request.headers.has(header))
  return Boolean(env.DEV_TOKEN) && isDirect && URL.canParse(asked) && isLoopback(new URL(asked).hostname)
}

/** Whether a host name, as URLs have it, means this machine. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname)
}
