/** The pages about runs in a real browser: what a person sees of a run while it goes on, and afterwards. */
import { expect, test } from 'vitest'
import { gateOf } from '../../support/gate.ts'
import { signedInPage } from '../../support/signed-in-page.ts'
import { until } from '../../support/until.ts'

const it = signedInPage()

test('a run of a client stands on the open list, and its end, too', async () => {
  const gate = gateOf(it.server)
  const calling = it.client.run({ code: `${gate.wait}\nprint("seen")`, description: 'by a client' })
  const row = it.page.getByRole('listitem').filter({ hasText: 'by a client' })
  await row.getByText('running').waitFor()
  await gate.open()
  await calling
  await row.getByText('succeeded').waitFor()
  await row.getByText('seen').waitFor()
  expect(it.complaints).toEqual([])
})

test('a failing run: live lines, the progress bar on one line, the error with its line, the file and the program', async () => {
  const [gate, later] = [gateOf(it.server), gateOf(it.server)]
  await it.run(
    [
      'import sys',
      'print("first", flush=True)',
      gate.wait,
      'for i in range(101): print(f"\\r{i} %", end="", flush=True)',
      'print(flush=True)',
      later.wait, // the order of the two streams is that of their coming
      'print("warned", file=sys.stderr)',
      'open("made by it.txt", "w").write("content")',
      'raise ValueError("no such thing")',
    ].join('\n'),
  )
  await it.log.getByText('first').waitFor()
  await until(() => it.facts.innerText()).toContain('running')
  await gate.open()
  // The line is there with its end.
  await until(() => it.log.evaluate((element) => element.textContent)).toMatch(/(?:^|\n)100 %\n/)
  await later.open()
  await it.ended('failed')
  const [first, progress, warned, ...trace] = await it.lines()
  expect([first, progress, warned, trace.at(-1)]).toEqual(['first', '100 %', 'warned', 'ValueError: no such thing'])
  await until(() => it.log.locator('.stderr').first().textContent()).toBe('warned\n')
  expect(await it.page.title()).toMatch(/^✗ print\("first", flush=True\) – /)
  await it.page.getByRole('link', { name: 'line 9', exact: true }).click()
  await until(() => it.page.locator('.marked').innerText()).toContain('raise ValueError')
  await until(() => new URL(it.page.url()).hash).toBe('#P9')
  expect(await it.downloaded('Download made by it.txt')).toBe('content')
  expect(await it.downloaded('Whole output as a file')).toMatch(
    /^first\n\r0 %[^]*\r100 %\nwarned\nTraceback [^]*ValueError: no such thing\n$/,
  )
  expect(await it.downloaded('Program as a file')).toMatch(/^import sys\n[^]*no such thing"\)$/)
  expect(it.complaints).toEqual([])
})

test('a picture that a program made is shown', async () => {
  const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
  await it.run(`import base64\nopen("dot.png", "wb").write(base64.b64decode("${png}"))`)
  await it.ended('succeeded')
  const picture = it.page.getByRole('img', { name: 'dot.png' })
  await picture.waitFor()
  await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(1)
  const downloads = it.page.getByRole('link', { name: 'Download dot.png' })
  expect(
    await downloads.evaluateAll((all) =>
      all.map((link) => [(link as HTMLAnchorElement).download, link.getAttribute('href')]),
    ),
  ).toEqual(Array.from({ length: 2 }, () => ['', '/app/api/files/dot.png']))
  await picture.click()
  await it.page.waitForURL('**/app/files/view?path=dot.png')
  await it.page.getByRole('heading', { name: 'dot.png' }).waitFor()
})

test('a run is stopped, its output is kept, and it is run again, edited', async () => {
  await it.run('import time\nprint("before", flush=True)\ntime.sleep(600)')
  await it.log.getByText('before').waitFor()
  await it.page.getByRole('button', { name: 'Stop' }).click()
  await it.ended('stopped')
  expect((await it.lines())[0]).toBe('before')
  await it.page.getByRole('link', { name: 'Edit and run again' }).click()
  await it.page.getByLabel('Program').fill('print("again")')
  await it.page.getByRole('button', { name: 'Run', exact: true }).click()
  await it.ended('succeeded')
  expect(await it.lines()).toEqual(['again'])
})

test('the end is followed until one scrolls up, and again from there', async () => {
  const gate = gateOf(it.server)
  await it.run(`for i in range(200): print("line", i, flush=True)\n${gate.wait}\nfor i in range(50): print("later", i)`)
  await it.log.getByText('line 199').waitFor()
  const toEnd = () => it.log.evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight)
  await expect.poll(toEnd).toBeLessThan(2)
  // Its newest line is on the screen.
  expect(await it.log.evaluate((element) => [scrollY, element.getBoundingClientRect().bottom <= innerHeight])).toEqual([
    0,
    true,
  ])
  await it.log.evaluate((element) => (element.scrollTop = 0))
  await gate.open()
  await it.ended('succeeded')
  const offer = it.page.getByRole('button', { name: /^\d+ new lines ↓$/ })
  await offer.waitFor()
  expect(await it.log.evaluate((element) => element.scrollTop)).toBe(0)
  await offer.click()
  await expect.poll(toEnd).toBeLessThan(2)
  await expect.poll(() => offer.count()).toBe(0)
})

test('100,000 lines are all there, in order, and the page still answers', async () => {
  await it.run('for i in range(100_000): print(i)')
  await it.ended('succeeded')
  await it.log.getByText('99999').waitFor()
  const all = await it.lines()
  // Of a long log head and tail are kept; while the runner has it, all of it is.
  expect(all).toEqual(Array.from({ length: 100_000 }, (_, i) => String(i)))
  await it.page.getByRole('link', { name: 'Edit and run again' }).click()
  await it.page.getByLabel('Program').waitFor()
})

test('after the server was killed and came back the output goes on without a line twice', async () => {
  await it.run('import time\nfor i in range(80):\n    print("line", i, flush=True)\n    time.sleep(0.1)')
  await it.log.getByText('line 3').waitFor()
  await it.server.crashRuntime()
  await it.ended('succeeded')
  expect(await it.lines()).toEqual(Array.from({ length: 80 }, (_, i) => `line ${i}`))
  await it.page.goto(`${it.server.origin}/app/runs`)
})

test('the list finds runs by words and state, and says when there are none', async () => {
  await it.run('print("a needle in it")')
  await it.ended('succeeded')
  await it.page.goto(`${it.server.origin}/app/runs`)
  await it.page.getByLabel('Search').fill('needle')
  await it.page.getByLabel('State').selectOption('succeeded')
  await it.page.getByRole('button', { name: 'Show' }).click()
  await expect.poll(() => it.page.locator('.runs li').count()).toBe(1)
  expect(new URL(it.page.url()).search).toBe('?search=needle&status=success&from=&to=')
  await it.page.getByLabel('State').selectOption('lost')
  await it.page.getByRole('button', { name: 'Show' }).click()
  await it.page.getByText('No run is like that.').waitFor()
})
