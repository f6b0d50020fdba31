/** A browser that signs out shows nothing of its user any longer: in no tab, and by no step back. */
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { signedInPage } from '../../support/signed-in-page.ts'

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
