/** What a program used over its time, on its run's page. */
import { expect, test } from 'vitest'
import { signedInPage } from '../../support/signed-in-page.ts'
import { until } from '../../support/until.ts'

const it = signedInPage()
const charts = () => it.page.locator('#use figure')

test('processor and memory are drawn while a program runs, and are there again later', async () => {
  await it.run(`import time
x = b'x' * (96 << 20)
until = time.monotonic() + 4.5
while time.monotonic() < until: pass`)
  await charts().first().waitFor()
  await until(() => it.facts.getByText('running').count()).toBe(1)
  await it.ended('succeeded')
  const [processor, memory] = await charts().allInnerTexts()
  expect(processor).toMatch(/^Processor\s+\d+ % of a core on average, \d+ % at most\s+0 s\s+4\.\d\d s$/)
  expect(memory).toMatch(/^Memory\s+1[01]\d MB at most\s+0 s\s+4\.\d\d s$/)
  const drawing = charts().nth(1).getByRole('img')
  await until(() => drawing.getAttribute('aria-label')).toMatch(/^Memory over 4\.\d\d s: 1[01]\d MB at most$/)
  const lines = () =>
    charts()
      .locator('.line')
      .evaluateAll((paths) => paths.map((path) => path.getAttribute('d')))
  // It is at the top, from the first sample to the end.
  expect((await lines())[1]).toMatch(/^M0,(?:1|2)\.\d(?:V(?:1|2)\.\dH\d+\.\d){3,}H600$/)
  await drawing.hover({ position: { x: 200, y: 20 } })
  await until(() => charts().nth(1).locator('.here').innerText()).toMatch(/^1[01]\d MB at \d\.\d\d s$/)
  const before = await lines()
  await it.page.reload()
  await expect.poll(lines).toEqual(before)
  expect(it.complaints).toEqual([])
})

test('a program that waits takes no processor', async () => {
  await it.run('import time\ntime.sleep(2.4)')
  await it.ended('succeeded')
  await charts().first().waitFor()
  const line = (await charts().first().locator('.line').getAttribute('d')) ?? ''
  const heights = [...line.matchAll(/[V,]([\d.]+)/g)].map(([, y]) => Number(y))
  expect(heights.length).toBeGreaterThan(4)
  expect(Math.min(...heights)).toBeGreaterThan(50) // of 60, from the top
})

test('a short program has no charts', async () => {
  await it.run('print(1)')
  await it.ended('succeeded')
  expect(await it.page.locator('#use').innerHTML()).toBe('')
})
