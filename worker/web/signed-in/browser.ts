/** The browser that is signed in to the project's own pages: a cookie with a secret that its user's account knows. */
import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { browserLifeMs } from '../../auth/account.ts'
import { userIdOf } from '../../auth/caller.ts'
import { formatCredential, readCredential } from '../../auth/credential.ts'
import { sha256 } from '../../auth/keys.ts'
import type { Identity } from '../../auth/identity/identity.ts'
import type { Env } from '../../env.ts'

/** The prefix `__Host-` makes the browser keep it to this host, to TLS (or loopback), and to what we set ourselves. */
const COOKIE = 'session'
const OPTIONS = { prefix: 'host', path: '/', secure: true, httpOnly: true, sameSite: 'Lax' } as const

type Ctx = Context<{ Bindings: Env }>

export interface SignedIn {
  userId: string
  identity: Identity
  /** Names this browser's sign-in, and is no secret: the first 16 hex digits of the digest that the account keeps. */
  browserId: string
}

/** The user who is signed in, or null. */
export async function signedIn(c: Ctx): Promise<SignedIn | null> {
  const credential = await cookieCredential(c)
  if (credential === null) return null
  const identity = await c.env.ACCOUNT.getByName(credential.userId).browser(credential.secret)
  return identity && { userId: credential.userId, identity, browserId: (await sha256(credential.secret)).slice(0, 16) }
}

/** Signs this browser in. Its earlier sign-in ends. */
export async function signIn(c: Ctx, identity: Identity): Promise<void> {
  await endSignIn(c)
  const userId = await userIdOf(identity.issuer, identity.subject)
  const secret = await c.env.ACCOUNT.getByName(userId).signIn(identity)
  const value = await formatCredential(c.env, 'browser', { userId, secret })
  setCookie(c, COOKIE, value, { ...OPTIONS, maxAge: browserLifeMs(c.env) / 1000 })
}

export async function signOut(c: Ctx): Promise<void> {
  await endSignIn(c)
  deleteCookie(c, COOKIE, OPTIONS)
}

async function endSignIn(c: Ctx): Promise<void> {
  const credential = await cookieCredential(c)
  if (credential !== null) await c.env.ACCOUNT.getByName(credential.userId).signOut(credential.secret)
}

async function cookieCredential(c: Ctx) {
  const value = getCookie(c, COOKIE, 'host')
  return value === undefined ? null : readCredential(c.env, 'browser', value)
}
