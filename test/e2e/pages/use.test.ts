/** What a program used over its time, on its run's page. */
import { expect, test } from 'vitest'
import { duration } from '../../../worker/web/data/run-words.ts'
import { gateOf } from '../../support/gate.ts'
import { signedInPage } from '../../support/signed-in-page.ts'
import { until } from '../../support/until.ts'

const it = signedInPage()
const charts = () => it.page.locator('#use figure')

test('processor and memory are drawn while a program runs, and are there again later', async () => {
  const gate = gateOf(it.server)
  await it.run(`import time
x = b'x' * (96 << 20)
until = time.monotonic() + 4.5
while time.monotonic() < until: pass
${gate.wait}`)
  await charts().first().waitFor()
  await until(() => it.facts.getByText('running').count()).toBe(1)
  await gate.open()
  await it.ended('succeeded')
  const { wall_ms } = (await it.outcome()).usage!
  expect(wall_ms).toBeGreaterThan(4_500)
  const length = duration(wall_ms).replaceAll('.', String.raw`\.`)
  await until(() => charts().nth(0).innerText()).toMatch(
    new RegExp(String.raw`^Processor\s+\d+ % of a core on average, \d+ % at most\s+0 s\s+${length}$`),
  )
  await until(() => charts().nth(1).innerText()).toMatch(
    new RegExp(String.raw`^Memory\s+1[01]\d MB at most\s+0 s\s+${length}$`),
  )
  const drawing = charts().nth(1).getByRole('img')
  await until(() => drawing.getAttribute('aria-label')).toMatch(
    new RegExp(`^Memory over ${length}: 1[01]\\d MB at most$`),
  )
  const lines = () =>
    charts()
      .locator('.line')
      .evaluateAll((paths) => paths.map((path) => path.getAttribute('d')))
  // It is at the top from when the memory is taken, which is within the first samples, to the end.
  expect((await lines())[1]).toMatch(/^M0,\d+\.\d(?:V\d+\.\dH\d+\.\d){0,2}(?:V(?:1|2)\.\dH\d+\.\d){3,}H600$/)
  await drawing.hover()
  await until(() => charts().nth(1).locator('.here').innerText()).toMatch(/^1[01]\d MB at \d+\.\d+ s$/)
  const before = await lines()
  await it.page.reload()
  await expect.poll(lines).toEqual(before)
  expect(it.complaints).toEqual([])
})

test('a program that waits takes no processor', async () => {
  await it.run('import time\ntime.sleep(5.3)')
  await it.ended('succeeded')
  await charts().first().waitFor()
  const line = (await charts().first().locator('.line').getAttribute('d')) ?? ''
  // A program's start and its end do take some: the line begins with the height of its first step.
  const heights = [...line.matchAll(/V([\d.]+)/g)].map(([, y]) => Number(y)).slice(1, -1)
  expect(heights.length).toBeGreaterThan(2)
  expect(Math.min(...heights)).toBeGreaterThan(50) // of 60, from the top
})

test('a short program has no charts', async () => {
  // One that a busy machine holds up is no short one.
  let took = Infinity
  for (let tries = 0; took >= 2_000 && tries < 5; tries++) {
    await it.run('print(1)')
    await it.ended('succeeded')
    took = (await it.outcome()).usage!.wall_ms
  }
  expect(took).toBeLessThan(2_000)
  expect(await it.page.locator('#use').innerHTML()).toBe('')
})
