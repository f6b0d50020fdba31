/** Signing in to the project's own pages. */
import { type Context, Hono } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { isAllowed } from '../../auth/identity/allow-list.ts'
import { hasLocalSignIn, type Identity, LOCAL_DEVELOPER, SignInRefused } from '../../auth/identity/identity.ts'
import { identityProviders } from '../../auth/identity/providers.ts'
import { publicOrigin } from '../../auth/oauth.ts'
import {
  MAX_RETURN_CHARS,
  newSecrets,
  openSignIn,
  sealSignIn,
  SIGN_IN_LIFE_S,
  signInCookieName,
} from '../../auth/sign-in-cookie.ts'
import type { Env } from '../../env.ts'
import type { AccountDeps } from '../session-control.ts'
import { signedIn, signIn } from '../signed-in/browser.ts'
import { errorPage, pageHeaders } from '../pages/page.ts'
import { notAllowed } from '../signed-in/not-allowed.ts'
import { signInPage } from './looks/sign-in.ts'
import { html } from 'hono/html'

type Ctx = Context<{ Bindings: Env }>

/** Page after a sign-in that began on no other page. */
const HOME = '/app/runs'
const COOKIE = { path: '/', secure: true, httpOnly: true, sameSite: 'Lax' } as const

export function signInRoutes(session: AccountDeps['session']): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>()

  app.get('/sign-in', async (c) => {
    const returnTo = returnPath(c, c.req.query('return'))
    if ((await signedIn(c)) !== null) return c.redirect(returnTo)
    return c.html(signInPage(identityProviders(c.env), hasLocalSignIn(c.env, c.req.raw), returnTo), 200, pageHeaders())
  })

  app.post('/sign-in/local', async (c) => {
    if (!hasLocalSignIn(c.env, c.req.raw)) return noSuchWay(c)
    const { return: returnTo } = await c.req.parseBody()
    await signIn(c, LOCAL_DEVELOPER, session)
    return c.redirect(returnPath(c, returnTo), 303)
  })

  app.get('/sign-in/:provider', async (c) => {
    const provider = identityProviders(c.env).find(({ id }) => id === c.req.param('provider'))
    if (provider === undefined) return noSuchWay(c)
    const returnTo = returnPath(c, c.req.query('return'))
    if (returnTo.length > MAX_RETURN_CHARS) {
      const cause = 'The request of the app that sent you here is too long to be kept while you sign in.'
      return c.html(
        errorPage('Sign in first', cause, html`Next: <a href="/sign-in">sign in</a>, then start again in the app.`),
        400,
        pageHeaders(),
      )
    }
    const secrets = newSecrets()
    let url: URL
    try {
      url = await provider.authorizationUrl(callbackOf(c, provider.id), secrets)
    } catch (error) {
      console.error(JSON.stringify({ event: 'identity_unreachable', provider: provider.id, error: String(error) }))
      const cause = `${provider.label} could not be reached.`
      return c.html(
        errorPage('The sign-in service does not answer', cause, 'Next: try again in a minute.'),
        502,
        pageHeaders(),
      )
    }
    const sealed = await sealSignIn(c.env, { ...secrets, provider: provider.id, returnTo })
    setCookie(c, signInCookieName(secrets.state), sealed, { ...COOKIE, maxAge: SIGN_IN_LIFE_S })
    c.header('cache-control', 'no-store')
    return c.redirect(url.href)
  })

  app.get('/sign-in/:provider/callback', async (c) => {
    const provider = identityProviders(c.env).find(({ id }) => id === c.req.param('provider'))
    if (provider === undefined) return noSuchWay(c)
    const cookie = signInCookieName(c.req.query('state') ?? '')
    const remembered = await openSignIn(c.env, getCookie(c, cookie) ?? '')
    deleteCookie(c, cookie, COOKIE)
    if (remembered === null || remembered.provider !== provider.id || remembered.state !== c.req.query('state')) {
      const cause = 'This browser did not start that sign-in, or started it more than ten minutes ago.'
      return c.html(
        errorPage('That sign-in is over', cause, html`Next: start again in the app, or <a href="/sign-in">here</a>.`),
        400,
        pageHeaders(),
      )
    }
    const redirectUri = callbackOf(c, provider.id)
    const callback = new URL(`${redirectUri}${new URL(c.req.url).search}`)
    let identity: Identity
    try {
      identity = await provider.identityOf(callback, redirectUri, remembered)
    } catch (error) {
      const isRefused = error instanceof SignInRefused
      if (!isRefused)
        console.error(JSON.stringify({ event: 'sign_in_failed', provider: provider.id, error: String(error) }))
      const cause = isRefused
        ? error.message
        : `${provider.label} could not be reached, or answered what it should not.`
      return c.html(
        errorPage('You are not signed in', cause, html`Next: start again in the app, or <a href="/sign-in">here</a>.`),
        isRefused ? 400 : 502,
        pageHeaders(),
      )
    }
    if (!isAllowed(c.env, identity)) return notAllowed(c, identity)
    await signIn(c, identity, session)
    return c.redirect(remembered.returnTo)
  })

  return app
}

function noSuchWay(c: Ctx) {
  const cause = 'This server does not have that way of signing in.'
  return c.html(
    errorPage('No such sign-in', cause, html`Next: see <a href="/sign-in">those that it has</a>.`),
    404,
    pageHeaders(),
  )
}

function callbackOf(c: Ctx, provider: string): string {
  return `${publicOrigin(c.req.raw, c.env)}/sign-in/${provider}/callback`
}

/** A path of our own pages to return to after signing in; anything else becomes HOME. */
function returnPath(c: Ctx, asked: unknown): string {
  if (typeof asked !== 'string' || !asked.startsWith('/')) return HOME
  const { origin } = new URL(c.req.url)
  const url = URL.canParse(asked, origin) ? new URL(asked, origin) : null
  const isOurs =
    url !== null &&
    url.origin === origin &&
    /^(?:\/|\/authorize|\/account|\/app\/(?:runs|learnings|files|packages|usage|settings)(?:\/[\w.]+)*)$/.test(
      url.pathname,
    )
  return isOurs ? `${url.pathname}${url.search}` : HOME
}
