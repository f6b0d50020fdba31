/** A personal token that is made on the account's page, in a real browser. */
import { expect, test } from 'vitest'
import { signedInPage } from '../../support/signed-in-page.ts'
import { until } from '../../support/until.ts'

const it = signedInPage()

test('a new token is shown once: its page, loaded again, makes no second one', async () => {
  await it.open('/account')
  await it.page.getByLabel('What it is for').fill('only once')
  await it.page.getByRole('button', { name: 'Create token' }).click()
  const token = (await it.page.locator('#new-token').textContent())!
  await until(() => it.page.url()).toBe(`${it.server.origin}/account`)
  const entries = it.page.locator('ul.entries li').filter({ hasText: 'only once' })
  expect(await entries.count()).toBe(1)
  await it.page.reload()
  await until(() => it.page.locator('#new-token').count()).toBe(0)
  expect(await entries.count()).toBe(1)
  expect(await it.page.content()).not.toContain(token)
  expect(it.complaints).toEqual([])
})
