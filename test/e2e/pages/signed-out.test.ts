/** A browser that signs out shows nothing of its user any longer: in no tab, and by no step back. */
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { signedInPage } from '../../support/signed-in-page.ts'
import { until } from '../../support/until.ts'

const it = signedInPage()

const signOut = async (page: Page) => {
  await page.goto(`${it.server.origin}/account`)
  await page.getByRole('button', { name: 'Sign out', exact: true }).click()
  await page.waitForURL(/\/sign-in$/)
}
const hasLeft = (page: Page) => page.waitForURL(/\/sign-in\?return=/)

test('pages that are open in other tabs leave, each to come back to', async () => {
  await it.client.run({ code: 'print("something private")' })
  const tabs = []
  for (const path of ['/', '/app/runs', '/app/files', '/app/settings']) {
    const tab = await it.context.newPage()
    await tab.goto(it.server.origin + path)
    tabs.push({ path, tab })
  }
  await signOut(it.page)
  for (const { path, tab } of tabs) {
    await hasLeft(tab)
    expect(new URL(tab.url()).searchParams.get('return')).toBe(path)
  }
})

test('an open list leaves though nobody tells it but the server, and another browser’s goes on', async () => {
  const other = await it.browser.newContext()
  const list = await other.newPage()
  await list.goto(`${it.server.origin}/app/runs`)
  await list.getByRole('button', { name: 'Continue as the local developer' }).click()
  await list.getByRole('heading', { name: 'Runs', exact: true }).waitFor()
  // The sign-out comes from a page without our module.
  await it.open('/app/runs')
  const { cookies } = await it.context.storageState()
  const answer = await fetch(`${it.server.origin}/sign-out`, {
    method: 'POST',
    redirect: 'manual',
    headers: {
      cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; '),
      origin: it.server.origin,
      'content-type': 'application/x-www-form-urlencoded',
    },
  })
  expect(answer.status).toBe(303)
  await hasLeft(it.page)
  await it.client.run({ code: 'print(1)', description: 'after the other signed out' })
  await list.getByText('after the other signed out').waitFor()
  expect(new URL(list.url()).pathname).toBe('/app/runs')
  await other.close()
})

test('the events of a run end with the sign-in of their browser, and go on for a token and for another browser', async () => {
  await it.run(
    'import time\nprint("before", flush=True)\nwhile not __import__("os").path.exists("go on"): time.sleep(0.05)\nprint("after", flush=True)',
  )
  await it.log.getByText('before').waitFor()
  const address = new URL(it.page.url()).pathname
  const id = address.split('/').at(-1)!
  const other = await it.browser.newContext()
  const theirs = await other.newPage()
  await theirs.goto(it.server.origin + address)
  await theirs.getByRole('button', { name: 'Continue as the local developer' }).click()
  await theirs.locator('#log').getByText('before').waitFor()

  const { cookies } = await it.context.storageState()
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
  const ofBrowser = await fetch(`${it.server.origin}/app/api/runs/${id}/events`, { headers: { cookie } })
  const ofToken = await fetch(`${it.server.origin}/runs/${id}/events`, {
    headers: { authorization: `Bearer ${it.server.token}` },
  })
  const token = ofToken.text()
  const signedOut = await fetch(`${it.server.origin}/sign-out`, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie, origin: it.server.origin, 'content-type': 'application/x-www-form-urlencoded' },
  })
  expect(signedOut.status).toBe(303)
  // It ends whole, while the program goes on.
  const said = await ofBrowser.text()
  expect(said).toMatch(/\ndata: \{[^\n]*"text":"before[^]*\n\n$/)
  expect(said).not.toContain('event: outcome')
  await hasLeft(it.page)
  expect(new URL(it.page.url()).searchParams.get('return')).toBe(address)
  expect((await fetch(`${it.server.origin}/app/api/runs/${id}/events`, { headers: { cookie } })).status).toBe(401)

  await it.client.run({ code: 'open("go on", "w")' })
  await theirs.locator('#facts').getByText('succeeded').waitFor()
  await until(() => theirs.locator('#log .stdout').allTextContents()).toEqual(['before\n', 'after\n'])
  expect(await token).toMatch(/"text":"before[^]*"text":"after[^]*event: outcome\n/)
  await other.close()
})

test('a step back shows nothing of what was there', async () => {
  await it.client.run({ code: 'print(1)', description: 'something private' })
  await it.open('/app/runs')
  await it.page.getByText('something private').first().waitFor()
  await signOut(it.page)
  for (let step = 0; step < 2; step++) {
    await it.page.goBack()
    await it.page.waitForURL(/\/sign-in/)
    expect(await it.page.getByText('something private').count()).toBe(0)
  }
})

test('a page that the browser kept as it was is hidden until it is known whether it may be shown', async () => {
  await it.open('/app/runs')
  const comesBack = () => {
    dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))
    return document.body.hidden
  }
  expect(await it.page.evaluate(comesBack)).toBe(true)
  await it.page.getByRole('heading', { name: 'Runs', exact: true }).waitFor()
  await it.context.clearCookies()
  expect(await it.page.evaluate(comesBack)).toBe(true)
  await hasLeft(it.page)
})
