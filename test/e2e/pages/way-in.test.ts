/** The link that `npm run dev` prints, in a real browser. */
import { expect, test } from 'vitest'
import { signedInPage } from '../../support/signed-in-page.ts'
import { until } from '../../support/until.ts'

const it = signedInPage()

test('the printed link signs in with one press, once, and leaves its key in no address', async () => {
  const link = /to sign in {3}(\S+)/.exec(it.server.output())![1]!
  expect(new URL(link).origin).toBe(it.server.origin)
  const visitor = await it.browser.newContext()
  const page = await visitor.newPage()
  const requests: { url: string; referer?: string }[] = []
  page.on('request', async (request) => {
    const { referer } = await request.allHeaders()
    requests.push({ url: request.url(), ...(referer !== undefined && { referer }) })
  })
  await page.goto(link)
  expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe('/sign-in/once')
  await page.getByRole('button').click()
  await page.waitForURL(`${it.server.origin}/`)
  await page.goto(`${it.server.origin}/app/runs`)
  expect(new URL(page.url()).pathname).toBe('/app/runs')
  const withKey = requests.filter(({ url, referer }) => `${url} ${referer}`.includes('key='))
  expect(withKey).toEqual([{ url: link }])

  await page.goto(link)
  expect(page.url()).toBe(`${it.server.origin}/`)

  await page.getByRole('link', { name: 'Account', exact: true }).click()
  await page.getByRole('button', { name: 'Sign out', exact: true }).click()
  // A page that is left at once may break the request off.
  await page.waitForURL(/\/sign-in$/)
  await page.goto(link)
  await until(() => page.getByRole('button').allTextContents()).toEqual(['Continue'])
  await page.getByRole('button').click()
  await page.getByRole('heading', { name: 'This link was used or has expired' }).waitFor()
  await visitor.close()
})
