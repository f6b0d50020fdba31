/** What the list of runs is limited to: days of the reader's zone, names with their titles, and the way out of each. */
import { expect, test } from 'vitest'
import { signedInPage } from '../../support/signed-in-page.ts'
import { until } from '../../support/until.ts'

const it = signedInPage()
/** Its day differs from that of UTC for fourteen hours of each day. */
const ZONE = 'Pacific/Kiritimati'

/** The same browser, elsewhere in the world. */
async function from(timezoneId: string, javaScriptEnabled = true): Promise<void> {
  const storageState = await it.context.storageState()
  await it.context.close()
  await it.become({ timezoneId, javaScriptEnabled, storageState, locale: 'en-US' })
}

const query = () => Object.fromEntries(new URL(it.page.url()).searchParams)
const chosen = () => it.page.locator('.chosen .chip bdi').allInnerTexts()
const count = () => it.page.locator('.runs li').count()
const dayIn = (timeZone: string, days = 0) =>
  new Intl.DateTimeFormat('sv', { timeZone }).format(Date.now() + days * 86_400_000)

test('days are those of the reader’s zone, and stay with the other filters and on older pages', async () => {
  for (let n = 0; n < 51; n++) await it.client.run({ code: 'pass', description: `number ${n}` })
  await from(ZONE)
  await it.open('/app/runs')
  const today = dayIn(ZONE)
  await it.page.getByLabel('From').fill(today)
  await it.page.getByLabel('to', { exact: true }).fill(today)
  await it.page.getByLabel('Search').fill('number')
  await it.page.getByRole('button', { name: 'Show' }).click()
  const days = { from: today, to: today, time_zone: ZONE }
  await expect.poll(query).toEqual({ search: 'number', status: '', ...days })
  await until(async () => [await chosen(), await count()]).toEqual([['number', `${today}, ${ZONE}`], 50])
  await it.page.getByRole('link', { name: 'Older runs' }).click()
  await expect.poll(count).toBe(1)
  await until(query).toMatchObject({ search: 'number', ...days })
  await until(() => it.page.getByLabel('From').inputValue()).toBe(today)
  await it.page.getByRole('link', { name: 'Newest runs' }).click()
  await expect.poll(query).toEqual({ search: 'number', ...days })
  await it.page.getByRole('link', { name: 'Remove Search: number' }).click()
  await expect.poll(query).toEqual(days)
  // A run that comes is on the list of its day.
  await it.client.run({ code: 'pass', description: 'comes meanwhile' })
  await it.page.getByRole('link', { name: 'comes meanwhile' }).waitFor()
  await it.page.getByLabel('From').fill(dayIn(ZONE, 1))
  await it.page.getByLabel('to', { exact: true }).fill(dayIn(ZONE, 2))
  await it.page.getByRole('button', { name: 'Show' }).click()
  await it.page.getByText('No run is like that.').waitFor()
  await it.page.getByRole('link', { name: /^Remove Days:/ }).click()
  await expect.poll(query).toEqual({})
})

test('without the module days are those of UTC, and the page says so', async () => {
  await it.client.run({ code: 'pass', description: 'of today' })
  await from(ZONE, false)
  await it.open('/app/runs')
  await until(() => it.page.locator('#zone').innerText()).toBe('Days of UTC')
  const today = dayIn('UTC')
  await it.page.getByLabel('From').fill(today)
  await it.page.getByRole('button', { name: 'Show' }).click()
  await until(async () => [query(), await chosen()]).toEqual([
    { search: '', status: '', from: today, to: '' },
    [`since ${today}, UTC`],
  ])
  await until(() => it.page.locator('.runs li').filter({ hasText: 'of today' }).count()).toBe(1)
})

test('days in the wrong order are refused beside the form, which keeps what was chosen', async () => {
  await it.client.run({ code: 'pass', description: 'soon mended' })
  await it.open('/app/runs?search=mended&status=success&from=2999-11-29&to=2026-11-28&time_zone=UTC')
  await until(() => it.page.getByRole('alert').innerText()).toBe(
    '"From" is after "to". Next: choose the earlier day in "From".',
  )
  await until(() => it.page.getByLabel('Search').inputValue()).toBe('mended')
  await until(() => it.page.getByLabel('to', { exact: true }).inputValue()).toBe('2026-11-28')
  await it.page.getByLabel('From').fill('2026-11-27')
  await it.page.getByLabel('to', { exact: true }).fill('')
  await it.page.getByRole('button', { name: 'Show' }).click()
  await it.page.getByRole('link', { name: 'soon mended' }).waitFor()
  expect(query()).toMatchObject({ search: 'mended', status: 'success', from: '2026-11-27' })
  // Older ones than a run that was never there.
  await it.open('/app/runs?before=r_0000000000000000')
  await it.page.getByRole('alert').waitFor()
  await it.page.getByRole('link', { name: 'All runs' }).click()
  await it.page.getByRole('link', { name: 'soon mended' }).waitFor()
})

test('a client is chosen by its title, sent by its name, and taken away by one press', async () => {
  await it.run('print("by the form")')
  await it.ended('succeeded')
  await it.client.run({ code: 'pass', description: 'of the client' })
  await it.open('/app/runs?status=success')
  await it.page.getByRole('link', { name: 'your browser' }).first().click()
  await expect.poll(query).toEqual({ status: 'success', client: 'browser' })
  await until(chosen).toEqual(['succeeded', 'your browser'])
  await it.page.locator('.runs li').first().waitFor()
  expect(await it.page.getByRole('link', { name: 'of the client' }).count()).toBe(0)
  await it.page.getByLabel('State').selectOption('all')
  await it.page.getByRole('button', { name: 'Show' }).click()
  await expect.poll(query).toMatchObject({ status: '', client: 'browser' })
  await it.page.getByRole('link', { name: 'Remove Client: your browser' }).click()
  await it.page.getByRole('link', { name: 'of the client' }).waitFor()
  await until(query).toEqual({})
})
