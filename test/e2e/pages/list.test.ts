/** The list of runs: by the keyboard, by client and tool, while runs go on and while somebody reads. */
import { expect, test } from 'vitest'
import { duration } from '../../../worker/web/data/run-words.ts'
import { gateOf } from '../../support/gate.ts'
import { signedInPage } from '../../support/signed-in-page.ts'
import { until } from '../../support/until.ts'

const it = signedInPage()
const focused = () => it.page.evaluate(() => document.activeElement?.textContent?.trim() ?? '')

test('the list is gone through by j and k, keeps its place when a run comes, and Enter opens one', async () => {
  for (const name of ['oldest', 'middle', 'newest']) await it.client.run({ code: 'print(1)', description: name })
  await it.page.getByRole('link', { name: 'newest' }).waitFor()
  for (const [key, name] of [
    ['j', 'newest'],
    ['j', 'middle'],
    ['j', 'oldest'],
    ['j', 'oldest'],
    ['k', 'middle'],
  ] as const) {
    await it.page.keyboard.press(key)
    await until(focused).toBe(name)
  }
  await it.client.run({ code: 'print(1)', description: 'comes meanwhile' })
  await it.page.locator('li').filter({ hasText: 'comes meanwhile' }).getByText('succeeded').waitFor()
  expect(await focused()).toBe('middle')
  await it.page.keyboard.press('Enter')
  await it.page.getByRole('heading', { name: 'middle' }).waitFor()
  await it.open('/app/runs')
  await it.page.keyboard.press('/')
  await it.page.keyboard.type('oldest')
  await it.page.keyboard.press('Enter')
  await expect.poll(() => new URL(it.page.url()).searchParams.get('search')).toBe('oldest')
  expect(it.complaints).toEqual([])
})

test('what is gone to while the list comes anew keeps the focus', async () => {
  const { promise: asked, resolve: isAsked } = Promise.withResolvers<void>()
  const { promise: gone, resolve: go } = Promise.withResolvers<void>()
  // Every list that has the new row waits, and no other: those that the two runs bring may still be on their way.
  await it.page.route('**/app/runs', async (route) => {
    const response = await route.fetch()
    if ((await response.text()).includes('comes between')) {
      isAsked()
      await gone
    }
    await route.fulfill({ response })
  })
  for (const name of ['lower', 'upper']) await it.client.run({ code: 'print(1)', description: name })
  await it.page.getByRole('link', { name: 'upper' }).waitFor()
  const running = it.client.run({ code: 'print(1)', description: 'comes between' })
  await asked
  for (const [key, name] of [
    ['j', 'upper'],
    ['j', 'lower'],
  ] as const) {
    await it.page.keyboard.press(key)
    await until(focused).toBe(name)
  }
  go()
  await running
  await it.page.locator('li').filter({ hasText: 'comes between' }).getByText('succeeded').waitFor()
  expect(await focused()).toBe('lower')
  // An answer may still be on its way.
  await it.page.unrouteAll({ behavior: 'wait' })
})

test('the length of what goes on is counted, and when it began is told in words', async () => {
  const gate = gateOf(it.server)
  const running = it.client.run({ code: gate.wait, description: 'takes a while' })
  const row = it.page.getByRole('listitem').filter({ hasText: 'takes a while' })
  const seconds = async () => Number.parseFloat(await row.locator('.counting').innerText())
  await row.getByText('running').waitFor()
  const first = await seconds()
  await expect.poll(seconds).toBeGreaterThan(first)
  await until(() => row.locator('time').innerText()).toBe('just now')
  await gate.open()
  const { outcome } = await running
  await row.getByText('succeeded').waitFor()
  await until(() => row.innerText()).toContain(` · ${duration(outcome.usage!.wall_ms)} · `)
})

test('the runs of a client, or of a tool, by its name in a row, and of words within them', async () => {
  await it.client.run({ code: 'print("by a tool")', description: 'of the client' })
  await it.run('print("by the form")')
  await it.ended('succeeded')
  await it.open('/app/runs')
  const rows = it.page.locator('.runs li')
  await rows.filter({ hasText: 'of the client' }).first().getByRole('link', { name: 'run_python' }).click()
  await expect.poll(() => new URL(it.page.url()).search).toBe('?tool=run_python')
  // What the address asks for may come after the address.
  await it.page.locator('.chosen').waitFor()
  await until(() => rows.filter({ hasText: 'by the form' }).count()).toBe(0)
  await until(() => rows.filter({ hasText: 'of the client' }).count()).toBe(1)
  await it.page.getByLabel('Search').fill('of the client')
  await it.page.getByRole('button', { name: 'Show' }).click()
  await expect.poll(() => new URL(it.page.url()).search).toBe('?search=of+the+client&status=&from=&to=&tool=run_python')
  await until(() => rows.count()).toBe(1)
  await it.page.getByRole('link', { name: 'All runs' }).click()
  const here = rows.filter({ hasText: 'by the form' }).first()
  await until(() => here.innerText()).toMatch(/ s · your browser\s+by the form$/)
  await here.getByRole('link', { name: 'your browser' }).click()
  await expect.poll(() => new URL(it.page.url()).search).toBe('?client=browser')
  await until(() => rows.count()).toBe(1)
  expect(it.complaints).toEqual([])
})

test('new runs wait behind a button while somebody reads further down', async () => {
  for (let i = 0; i < 30; i++) await it.client.run({ code: 'pass', description: `number ${i}` })
  // Its end, too, is on the list: nothing renews it any more.
  await it.page.locator('.runs li').filter({ hasText: 'number 29' }).getByText('succeeded').waitFor()
  await it.page.evaluate(() => scrollTo({ top: 800 }))
  await it.client.run({ code: 'pass', description: 'a new one' })
  const button = it.page.getByRole('button', { name: '1 new' })
  await button.waitFor()
  expect(await it.page.getByRole('link', { name: 'a new one' }).count()).toBe(0)
  await button.click()
  await it.page.getByRole('link', { name: 'a new one' }).waitFor()
  await expect.poll(() => button.count()).toBe(0)
})
