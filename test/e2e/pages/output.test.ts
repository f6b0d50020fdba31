/** A run's output on its page: search, numbers that are links, times, colours. */
import type { Route } from 'playwright-core'
import { expect, test } from 'vitest'
import { gateOf } from '../../support/gate.ts'
import { signedInPage } from '../../support/signed-in-page.ts'
import { until } from '../../support/until.ts'

const it = signedInPage()

const marked = () => it.log.locator('.line.marked').allTextContents()
const inView = (text: string) =>
  it.log.getByText(text, { exact: true }).evaluate((line) => {
    const [own, around] = [line.getBoundingClientRect(), line.closest('#log')!.getBoundingClientRect()]
    return own.top >= around.top && own.bottom <= around.bottom
  })

test('a word is found in 100,000 lines, counted and gone to, back and forth, by the keyboard', async () => {
  await it.run(
    'for i in range(100_000): print("row", i, "Needle" if i % 10_000 == 9_999 else "")\nimport time; time.sleep(1); print("last needle", end="")',
  )
  await it.ended('succeeded')
  const search = it.page.getByLabel('Search in the output')
  const count = it.page.locator('#search output')
  // Enter right behind the word, before anything can have been looked through.
  await search.evaluate((input: HTMLInputElement) => {
    input.value = 'needle'
    input.dispatchEvent(new Event('input'))
    input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter' }))
  })
  await count.getByText('1 of 11 · line 10000').waitFor()
  await search.press('Escape')
  await it.page.keyboard.press('/')
  await it.page.keyboard.type('needle')
  await count.getByText('11 found').waitFor()
  await it.page.keyboard.press('Enter')
  await it.page.keyboard.press('Enter')
  await until(() => count.innerText()).toBe('2 of 11 · line 20000')
  await until(() => inView('row 19999 Needle')).toBe(true)
  await it.page.keyboard.press('Shift+Enter')
  await it.page.keyboard.press('Shift+Enter')
  await until(() => count.innerText()).toBe('11 of 11 · line 100001')
  await until(() => inView('last needle')).toBe(true)
  await until(() => it.page.evaluate(() => CSS.highlights.get('found')?.size)).toBe(11)
  await it.page.getByRole('button', { name: 'Next place' }).click()
  await until(() => count.innerText()).toBe('1 of 11 · line 10000')
  await count.getByRole('link').click()
  await expect.poll(marked).toEqual(['row 9999 Needle\n'])
  await it.page.getByLabel('Search in the output').press('Escape')
  await until(async () => [await count.innerText(), await it.page.evaluate(() => document.activeElement?.id)]).toEqual([
    '',
    'log',
  ])
  expect(it.complaints).toEqual([])
})

test('what is printed during a search is found too, on lines that still change', async () => {
  await it.run(
    'import sys, time\nprint("a word", flush=True)\nsys.stdin.close()\nfor i in range(3):\n    time.sleep(1); print("a word", i, end="", flush=True)\ntime.sleep(600)',
  )
  await it.page.getByLabel('Search in the output').fill('WORD')
  await it.page.locator('#search output').getByText('4 found').waitFor()
  await it.page.getByRole('button', { name: 'Stop' }).click()
  await it.ended('stopped')
  await it.page.locator('#search output').getByText('4 found').waitFor()
})

test('the number of a line is a link; an address of lines marks them and goes there, also before they are printed', async () => {
  const [gate, last] = [gateOf(it.server), gateOf(it.server)]
  await it.run(
    `for i in range(300): print("line", i, flush=True)
${gate.wait}
for i in range(300, 450): print("line", i)
${last.wait}
for i in range(450, 600): print("line", i)`,
  )
  await it.log.getByText('line 299').waitFor()
  await it.page.goto(`${it.page.url()}#L450-L452`)
  await it.page.reload()
  await it.log.getByText('line 299').waitFor()
  await gate.open()
  // It is the last line yet, and stays in view all the same.
  await until(marked).toEqual(['line 449\n'])
  await last.open()
  await it.ended('succeeded')
  await expect.poll(marked).toEqual(['line 449\n', 'line 450\n', 'line 451\n'])
  await until(() => inView('line 449')).toBe(true)
  await it.page.getByLabel('Line', { exact: true }).fill('7')
  await it.page.getByLabel('Line', { exact: true }).press('Enter')
  await expect.poll(marked).toEqual(['line 6\n'])
  await until(() => inView('line 6')).toBe(true)
  await it.page.getByLabel('Line', { exact: true }).fill('999')
  await it.page.getByLabel('Line', { exact: true }).press('Enter')
  await until(() => it.page.locator('#to-line-said').innerText()).toBe('There are 600 lines.')
  await it.log.locator('a[href="#L3"]').click()
  await until(() => new URL(it.page.url()).hash).toBe('#L3')
  await it.log.locator('a[href="#L5"]').click({ modifiers: ['Shift'] })
  await until(() => new URL(it.page.url()).hash).toBe('#L3-L5')
  await until(marked).toEqual(['line 2\n', 'line 3\n', 'line 4\n'])
  expect(it.complaints).toEqual([])
})

test('lines keep their numbers where the middle of the output is cut, and where a line is in parts', async () => {
  await it.run('print(1)')
  await it.ended('succeeded')
  const text = (text: string, n: number) => ({ type: 'stdout', n, text })
  const events = [
    text('first\nsecond, torn', 2),
    { type: 'missed', chars: 70_000, lines: 997 },
    text(' end\nno. 1000\n', 900),
    text(`${'x'.repeat(40_000)}\n`, 901),
    text('no. 1002\n', 902),
    { type: 'outcome', outcome: {} },
  ]
  const body = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('')
  const answer = (route: Route) => route.fulfill({ contentType: 'text/event-stream', body })
  await it.page.route('**/events', answer)
  await it.page.goto(`${it.page.url()}#L1000`)
  await it.page.reload()
  await expect.poll(marked).toEqual(['no. 1000\n'])
  const numbers = await it.log
    .locator('a[data-n]')
    .evaluateAll((links) => links.map((link) => (link as HTMLElement).dataset['n']))
  expect(numbers).toEqual(['1', '2', '999', '1000', '1001', '1002'])
  await it.page.getByText('[70000 characters are not kept any more]').waitFor()
})

test('times of lines: since the start, by the clock, none; by a key, which can be switched off, and for the next page too', async () => {
  await it.run('import time\ntime.sleep(1.2)\nprint("late", flush=True)\ntime.sleep(3)\nprint("later")')
  await it.ended('succeeded')
  const times = () =>
    it.log.locator('.stdout').evaluateAll((all) => all.map((each) => (each as HTMLElement).dataset['at'] ?? null))
  await until(times).toEqual([null, null])
  await it.page.keyboard.press('t')
  await until(async () => (await times()).every((time) => time !== null)).toBe(true)
  const [late, later] = (await times()).map(Number)
  // A time is when a line was read, which can be after it was printed.
  expect([late! >= 1.2, later! - late! > 1.2, later! >= 4.2, later! < 60]).toEqual([true, true, true, true])
  await it.page.reload()
  await it.log.getByText('later').waitFor()
  await until(async () => (await times()).map(Number)).toEqual([late, later])
  await it.page.keyboard.press('t')
  await until(async () => (await times()).every((time) => /^\d{1,2}:\d\d:\d\d/.test(time!))).toBe(true)
  await it.page.getByText('Keys', { exact: true }).click()
  await it.page.getByLabel('Single keys do this').uncheck()
  await it.log.press('t')
  expect((await times()).every((time) => time !== null)).toBe(true)
  await it.page.getByLabel('Single keys do this').check()
  await it.log.press('t')
  await until(times).toEqual([null, null])
  expect(it.complaints).toEqual([])
})

test('colours are seen, and the text is what is copied: without numbers, times and sequences', async () => {
  await it.run('print("\\x1b[1;31mred\\x1b[0m plain")\nprint("\\x1b]8;;javascript:alert(1)\\x07link\\x1b]8;;\\x07")')
  await it.ended('succeeded')
  const red = it.log.getByText('red', { exact: true })
  await until(() => red.getAttribute('class')).toBe('bold fg-1')
  expect(await red.evaluate((each) => getComputedStyle(each).color)).toBe('rgb(179, 38, 30)')
  expect(await it.lines()).toEqual(['red plain', 'link'])
  expect(await it.log.locator('a[href^="javascript"]').count()).toBe(0)
  const copied = await it.log.evaluate((log) => {
    getSelection()?.selectAllChildren(log)
    return String(getSelection())
  })
  expect(copied.trimEnd()).toBe('red plain\nlink')
})
