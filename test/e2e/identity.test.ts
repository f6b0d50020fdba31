/** Signing in through a real OpenID Connect issuer, in a real browser, and through GitHub; who is let in. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { CookieBrowser } from '../support/cookie-browser.ts'
import { type DevServer, startDevServer } from '../support/dev-server.ts'
import { GITHUB_CLIENT, type GitHub, startGitHub } from '../support/github.ts'
import { OIDC_CLIENT, type OidcIssuer, startOidcIssuer } from '../support/oidc-issuer.ts'
import { until } from '../support/until.ts'

let issuer: OidcIssuer
let github: GitHub
let server: DevServer
let browser: Browser
beforeAll(async () => {
  ;[issuer, github, browser] = await Promise.all([startOidcIssuer(), startGitHub(), launchBrowser()])
  server = await startDevServer(
    {},
    {
      vars: {
        OIDC_ISSUER: issuer.issuer,
        OIDC_CLIENT_ID: OIDC_CLIENT.client_id,
        OIDC_CLIENT_SECRET: OIDC_CLIENT.client_secret,
        OIDC_NAME: 'Example SSO',
        GITHUB_URL: github.url,
        ...GITHUB_CLIENT,
        ALLOWED_USERS: 'ann@users.example, octocat, @friends.example',
        REQUESTS_PER_MINUTE: '1000000',
      },
    },
  )
  issuer.allow(`${server.origin}/sign-in/oidc/callback`)
}, 180_000)
afterAll(async () => {
  await browser?.close()
  await server?.stop()
  await Promise.all([issuer?.stop(), github?.stop()])
})

describe('an OpenID Connect issuer', () => {
  let page: Page
  beforeEach(async () => {
    page = await (await browser.newContext()).newPage()
    return () => page.context().close()
  })

  async function signInAs(name: string): Promise<void> {
    await page.goto(`${server.origin}/account`)
    await page.getByRole('link', { name: 'Sign in with Example SSO' }).click()
    await page.locator('input[name=login]').fill(name)
    await page.locator('input[name=password]').fill('any')
    await page.locator('button[type=submit]').click()
    await page.locator('button[type=submit]').click()
    await page.waitForURL(`${server.origin}/**`)
  }

  test('signs in, out, and in as nobody else', async () => {
    await signInAs('ann')
    expect(page.url()).toBe(`${server.origin}/account`)
    await until(() => page.locator('main').textContent()).toContain('Name of ann')
    const cookies = await page.context().cookies()
    expect(cookies.find(({ name }) => name === '__Host-session')).toMatchObject({
      httpOnly: true,
      secure: true,
      sameSite: 'Lax',
    })
    // What the sign-in remembered is gone with it.
    expect(cookies.filter(({ name }) => name.startsWith('__Host-sign-in'))).toEqual([])

    await page.getByRole('button', { name: 'Sign out', exact: true }).click()
    // A page that is left at once may break the request off.
    await page.waitForURL(/\/sign-in$/)
    await page.goto(`${server.origin}/account`)
    expect(page.url()).toContain('/sign-in')
  })

  test.each([
    ['who is not on the list', 'bob', 'bob@users.example'],
    ['whose address on the list is not verified', 'unverified-ann', 'Name of unverified-ann'],
  ])('does not let in somebody %s, and says who they are', async (_who, name, shown) => {
    await signInAs(name)
    await until(() => page.locator('h1').textContent()).toBe('You may not use this server')
    await until(() => page.locator('main').textContent()).toContain(shown)
    expect((await page.context().cookies()).find((cookie) => cookie.name === '__Host-session')).toBe(undefined)
  })

  test('a declined sign-in is a page with what to do', async () => {
    await page.goto(`${server.origin}/account`)
    await page.getByRole('link', { name: 'Sign in with Example SSO' }).click()
    await page.getByRole('link', { name: /cancel/i }).click()
    await page.waitForURL(`${server.origin}/**`)
    await until(() => page.locator('main').textContent()).toContain('The sign-in was declined.')
  })
})

describe('GitHub', () => {
  const octocat = { id: 583_231, login: 'octocat', name: 'Mona', emails: [] }
  const newBrowser = () => new CookieBrowser((request) => fetch(request), server.origin)

  /** Goes to GitHub and back; the answer of the callback. */
  async function signIn(visitor = newBrowser(), change = (address: string) => address): Promise<Response> {
    const toGitHub = await visitor.get('/sign-in/github?return=/account')
    const back = await fetch(toGitHub.headers.get('location')!, { redirect: 'manual' })
    return visitor.get(change(back.headers.get('location')!))
  }

  test('lets in a login on the list, and the same person under a new name is the same user', async () => {
    github.user = octocat
    const visitor = newBrowser()
    const signedIn = await signIn(visitor)
    expect([signedIn.status, signedIn.headers.get('location')]).toEqual([302, '/account'])
    const first = visitor.cookies().get('__Host-session')!.slice(0, 32)
    github.user = {
      ...octocat,
      login: 'renamed',
      emails: [{ email: 'm@friends.example', primary: true, verified: true }],
    }
    const again = newBrowser()
    await signIn(again)
    expect(again.cookies().get('__Host-session')!.slice(0, 32)).toBe(first)
    github.user = { ...octocat, id: 2 }
    const other = newBrowser()
    await signIn(other)
    expect(other.cookies().get('__Host-session')!.slice(0, 32)).not.toBe(first)
  })

  test.each([
    ['a stranger', { ...octocat, login: 'stranger' }],
    [
      'an address on the list that is not verified',
      { ...octocat, login: 'x', emails: [{ email: 'x@friends.example', primary: true, verified: false }] },
    ],
    [
      'a domain that only ends like one on the list',
      { ...octocat, login: 'x', emails: [{ email: 'x@evilfriends.example', primary: true, verified: true }] },
    ],
  ])('does not let in %s', async (_who, user) => {
    github.user = user
    const visitor = newBrowser()
    expect((await signIn(visitor)).status).toBe(403)
    expect(visitor.cookies().has('__Host-session')).toBe(false)
  })

  test('declining leads to a page', async () => {
    github.user = null
    const declined = await signIn()
    expect([declined.status, await declined.text()]).toEqual([
      400,
      expect.stringContaining('The sign-in was declined.'),
    ])
  })

  test('what comes back is only believed in the browser that went, once, and unchanged', async () => {
    github.user = octocat
    const changes: [string, (address: string) => string][] = [
      ['state', (address) => address.replace(/state=[^&]+/, 'state=forged')],
      ['code', (address) => address.replace(/code=[^&]+/, 'code=forged')],
      ['no state', (address) => address.replace(/state=[^&]+&?/, '')],
      ['another way', (address) => address.replace('/github/', '/oidc/')],
    ]
    for (const [what, change] of changes) expect((await signIn(newBrowser(), change)).status, what).toBe(400)

    const visitor = newBrowser()
    let address = ''
    const accepted = await signIn(visitor, (back) => (address = back))
    expect(accepted.status).toBe(302)
    expect((await visitor.get(address)).status).toBe(400)
    // Somebody else's answer, in a browser that has a sign-in of its own under way.
    const victim = newBrowser()
    await victim.get('/sign-in/github')
    expect((await victim.get(address)).status).toBe(400)
  })

  test.each([
    'https://evil.example/',
    '//evil.example/',
    '/\\evil.example',
    '/%5cevil.example',
    '/sign-out',
    '/authorized',
    '/account/../sign-out',
    'javascript:alert(1)',
    '/authorize@evil.example',
  ])('a sign-in never leads to %s', async (asked) => {
    github.user = octocat
    const visitor = newBrowser()
    const toGitHub = await visitor.get(`/sign-in/github?${new URLSearchParams({ return: asked }).toString()}`)
    const back = await fetch(toGitHub.headers.get('location')!, { redirect: 'manual' })
    expect((await visitor.get(back.headers.get('location')!)).headers.get('location')).toBe('/app/runs')
  })
})

test('an issuer that does not answer is a page, not an error of ours', async () => {
  const lonely = await startDevServer(
    {},
    {
      vars: {
        OIDC_ISSUER: 'http://127.0.0.1:9',
        OIDC_CLIENT_ID: 'x',
      },
    },
  )
  try {
    const answer = await fetch(`${lonely.origin}/sign-in/oidc`)
    expect([answer.status, await answer.text()]).toEqual([502, expect.stringContaining('does not answer')])
  } finally {
    await lonely.stop()
  }
})
