/** The browser that is signed in to the project's own pages: a cookie with a secret that its user's account knows. */
import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { browserLifeMs } from '../../auth/account.ts'
import { userIdOf } from '../../auth/caller.ts'
import { formatCredential, readCredential } from '../../auth/credential.ts'
import { sha256 } from '../../auth/keys.ts'
import type { Identity } from '../../auth/identity/identity.ts'
import type { Env } from '../../env.ts'
import type { AccountDeps } from '../session-control.ts'

/** The prefix `__Host-` makes the browser keep it to this host, to TLS (or loopback), and to what we set ourselves. */
const COOKIE = 'session'
const OPTIONS = { prefix: 'host', path: '/', secure: true, httpOnly: true, sameSite: 'Lax' } as const

type Ctx = Context<{ Bindings: Env }>
type SessionOf = AccountDeps['session']

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
  return identity && { userId: credential.userId, identity, browserId: await browserIdOf(credential.secret) }
}

/** Signs this browser in. Its earlier sign-in ends, with what it has open. */
export async function signIn(c: Ctx, identity: Identity, session: SessionOf): Promise<void> {
  await endSignIn(c, session)
  const userId = await userIdOf(identity.issuer, identity.subject)
  const secret = await c.env.ACCOUNT.getByName(userId).signIn(identity)
  const value = await formatCredential(c.env, 'browser', { userId, secret })
  setCookie(c, COOKIE, value, { ...OPTIONS, maxAge: browserLifeMs(c.env) / 1000 })
}

/** Signs this browser out. What it has open ends. */
export async function signOut(c: Ctx, session: SessionOf): Promise<void> {
  await endSignIn(c, session)
  deleteCookie(c, COOKIE, OPTIONS)
}

async function endSignIn(c: Ctx, session: SessionOf): Promise<void> {
  const credential = await cookieCredential(c)
  if (credential === null) return
  const { userId, secret } = credential
  const account = c.env.ACCOUNT.getByName(userId)
  // A cookie that was copied and is over ends nothing.
  const isSignedIn = (await account.browser(secret)) !== null
  await account.signOut(secret)
  if (!isSignedIn) return
  try {
    await (await session(c.env, userId)).browserLeft(await browserIdOf(secret))
  } catch (error) {
    // It is signed out all the same. What it has open may go on: a list until it is closed, an export to its end.
    console.error(JSON.stringify({ event: 'browser_not_ended', error: String(error) }))
  }
}

async function browserIdOf(secret: string): Promise<string> {
  return (await sha256(secret)).slice(0, 16)
}

async function cookieCredential(c: Ctx) {
  const value = getCookie(c, COOKIE, 'host')
  return value === undefined ? null : readCredential(c.env, 'browser', value)
}
