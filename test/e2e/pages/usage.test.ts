/** The page about usage, on a local server. */
import { expect, test } from 'vitest'
import { signedInPage } from '../../support/signed-in-page.ts'
import { until } from '../../support/until.ts'

const it = signedInPage()

test('it shows minutes, storage and runs by day', async () => {
  await it.open('/app/usage')
  await it.page.getByText('There were none in the last 30 days.').waitFor()
  await it.client.run({ code: 'print(1)' })
  await it.client.run({ code: '1/0' })
  await it.open('/app/usage')
  const row = it.page.locator('.by-day tbody tr')
  expect((await row.locator('th, td').allInnerTexts()).slice(0, 3)).toEqual([
    new Date().toISOString().slice(0, 10),
    '2',
    '1',
  ])
  await it.page.getByRole('img', { name: /^Runs on each of the last 30 days, 2 at most/ }).waitFor()
  expect(
    await it.page
      .locator('.chart rect')
      .evaluateAll((all) => all.filter((each) => each.getAttribute('height') !== '0').length),
  ).toBe(2)
  // There is no sandbox whose state could be told.
  await until(() => it.page.locator('.amounts dt').allInnerTexts()).toEqual(['Today', 'Storage'])
  await until(() => it.page.locator('.amounts').innerText()).toMatch(/Storage\n.* of 4 GiB\n/)
  expect(await it.page.getByRole('button', { name: /the sandbox/ }).count()).toBe(0)
  // Its days are those of UTC, and so are those of the list, wherever the reader is.
  await row.getByRole('link').click()
  await it.page.getByRole('heading', { name: 'Runs', exact: true }).waitFor()
  const day = new Date().toISOString().slice(0, 10)
  await until(() => new URL(it.page.url()).search).toBe(`?from=${day}&to=${day}`)
  await until(() => it.page.locator('.chosen').innerText()).toContain(`Days: ${day}, UTC`)
  await until(() => it.page.locator('.runs li').count()).toBe(2)
  expect(it.complaints).toEqual([])
})
