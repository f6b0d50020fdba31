/** The way between the pages on a narrow screen: one row, in which the page that is shown is always seen. */
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { signedInPage } from '../../support/signed-in-page.ts'

const it = signedInPage()

/** The height of the row, whether a link is wholly seen, and the names of links that are smaller than a finger needs. */
function rowOf(page: Page, name: string): Promise<[number, boolean, string[]]> {
  return page.evaluate((wanted) => {
    const links = [...document.querySelectorAll<HTMLElement>('header nav a')]
    const boxOf = (link: HTMLElement) => link.getBoundingClientRect()
    const { left, right } = boxOf(links.find(({ textContent }) => textContent === wanted)!)
    const small = links.filter((link) => Math.min(boxOf(link).width, boxOf(link).height) < 24)
    const isSeen = left >= boxOf(links[0]!).right - 1 && right <= innerWidth
    return [document.querySelector('header')!.offsetHeight, isSeen, small.map((link) => link.innerText)]
  }, name)
}

const PAGES = [
  ['/app/runs', 'Runs'],
  ['/app/learnings', 'Learnings'],
  ['/app/settings', 'Settings'],
  ['/account', 'Account'],
] as const

test('at 360 px it is one row, with the page that is shown in it, with our module and without', async () => {
  const without = await it.browser.newContext({
    javaScriptEnabled: false,
    storageState: await it.context.storageState(),
    viewport: { width: 360, height: 740 },
  })
  await it.page.setViewportSize({ width: 360, height: 740 })
  for (const page of [it.page, await without.newPage()]) {
    for (const [path, name] of PAGES) {
      await page.goto(it.server.origin + path)
      expect([name, ...(await rowOf(page, name))]).toEqual([name, 45, true, []])
    }
  }
  await without.close()
})

test('a key brings each page into the row', async () => {
  await it.page.setViewportSize({ width: 360, height: 740 })
  await it.open('/app/runs')
  await it.page.keyboard.press('Tab')
  const names = ['MCP Code Mode', 'Runs', 'Files', 'Packages', 'Learnings', 'Usage', 'Settings', 'Account']
  const goTo = async (key: string, name: string) => {
    await it.page.keyboard.press(key)
    expect(await it.page.evaluate(() => document.activeElement?.textContent)).toBe(name)
    if (name !== names[0]) await expect.poll(async () => [name, (await rowOf(it.page, name))[1]]).toEqual([name, true])
  }
  for (const name of names) await goTo('Tab', name)
  for (const name of names.toReversed().slice(1)) await goTo('Shift+Tab', name)
})
