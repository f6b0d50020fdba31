/** The steps of a run on its page: what there was before the program, how long each took, which failed. */
import { expect, test } from 'vitest'
import { duration } from '../../../worker/web/data/run-words.ts'
import { gateOf } from '../../support/gate.ts'
import { signedInPage } from '../../support/signed-in-page.ts'

const it = signedInPage()
const steps = () => it.page.locator('#steps li')

test('a run that waits for its place says so, and for how long it did', async () => {
  const gate = gateOf(it.server)
  const busy = [1, 2].map(() => it.client.run({ code: gate.wait, timeout: 120 }))
  await it.page.locator('.badge.running').nth(1).waitFor()
  await it.run('print("at last")')
  await steps().getByText('Waiting for a place').waitFor()
  await gate.open()
  await it.ended('succeeded')
  const [waiting, running] = await steps().allInnerTexts()
  expect(waiting).toMatch(/^✓ Waiting for a place: 2 run at a time .* It starts by itself\. \d+\.\d+ s/)
  // It is the program's own time, without that of waiting.
  expect(running).toBe(`✓ Running the program ${duration((await it.outcome()).usage!.wall_ms)}`)
  expect(await it.lines()).toEqual(['at last'])
  await Promise.all(busy)
  await it.page.reload()
  await expect.poll(() => steps().allInnerTexts()).toEqual([waiting, running])
})

test('a failed installation stands open, the others are folded; each has its part of the whole time', async () => {
  await it.run('print(1)')
  await it.ended('succeeded')
  expect(await steps().count()).toBe(0) // it had nothing but its program
  const at = 1_795_905_600_000
  const events = [
    { type: 'status', text: 'Installing good …', at },
    { type: 'install', text: 'Collecting good\n', at: at + 100 },
    { type: 'status', text: 'Installing bad, worse …', at: at + 1_000 },
    { type: 'install', text: 'ERROR: <b>no</b> such thing\n', at: at + 1_500 },
    { type: 'started', n: 1, at: at + 3_000 },
    { type: 'stdout', n: 2, text: 'out\n', at: at + 3_100 },
    {
      type: 'outcome',
      outcome: {
        status: 'success',
        usage: { wall_ms: 1_000 },
        failed_installs: [{ packages: ['bad', 'worse'], why: 'unknown' }],
      },
    },
  ]
  const body = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('')
  await it.page.route('**/events', (route) => route.fulfill({ contentType: 'text/event-stream', body }))
  await it.page.reload()
  await expect
    .poll(() => steps().evaluateAll((all) => all.map((each) => each.textContent)))
    .toEqual([
      '✓ Installing good 1.00 sWhat the installer saidCollecting good\n',
      '✗ Installing bad, worse 2.00 sWhat the installer saidERROR: <b>no</b> such thing\n',
      '✓ Running the program 1.00 s',
    ])
  expect(
    await steps()
      .locator('details')
      .evaluateAll((all) => all.map((each) => (each as HTMLDetailsElement).open)),
  ).toEqual([false, true])
  const bars = await steps()
    .locator('.bar')
    .evaluateAll((all) => all.map((each) => (each as HTMLElement).style.cssText))
  expect(bars).toEqual([
    'margin-inline-start: 0%; inline-size: 25%;',
    'margin-inline-start: 25%; inline-size: 50%;',
    'margin-inline-start: 75%; inline-size: 25%;',
  ])
  expect(await it.lines()).toEqual(['out'])
})

test('a program that somebody stopped is no failure among the steps, one that failed is', async () => {
  await it.run('print(1)')
  await it.ended('succeeded')
  for (const [status, sign] of [
    ['cancelled', '■'],
    ['error', '✗'],
  ] as const) {
    const events = [
      { type: 'status', text: 'Starting the sandbox …', at: 1_000 },
      { type: 'started', n: 1, at: 2_000 },
      { type: 'outcome', outcome: { status, usage: { wall_ms: 1_000 } } },
    ]
    const body = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('')
    await it.page.route('**/events', (route) => route.fulfill({ contentType: 'text/event-stream', body }))
    await it.page.reload()
    await expect
      .poll(() => steps().allInnerTexts())
      .toEqual(['✓ Starting the sandbox 1.00 s', `${sign} Running the program 1.00 s`])
    expect(await it.page.locator('#steps .failed').count()).toBe(status === 'error' ? 1 : 0)
    await it.page.unroute('**/events')
  }
})
