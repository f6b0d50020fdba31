/** Deleting without the module: the question before, and the word after, which is told once and only to who did it. */
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { seriousFaults } from '../../support/axe.ts'
import { signedInPage } from '../../support/signed-in-page.ts'
import { until } from '../../support/until.ts'

const it = signedInPage()

/** A page of the same browser that runs no script. */
async function withoutScript(): Promise<Page> {
  const storageState = await it.context.storageState()
  await it.context.close()
  return it.become({ javaScriptEnabled: false, storageState })
}

const told = () => it.page.locator('p.done[role=status]').allInnerTexts()

test('a learning stays until a question is answered, which shows it with its counts', async () => {
  await it.client.call('add_learning', { error_pattern: 'KeyError: <b>hue</b>', solution: 'use color', context: 'csv' })
  const page = await withoutScript()
  await it.client.call('add_learning', { error_pattern: 'OSError: elsewhere', solution: 'look there', context: 'any' })
  await it.open('/app/learnings?search=hue')
  const item = page.locator('.learnings > li')
  const id = await item.getAttribute('id')
  await item.getByText('Edit').click()
  await item.getByRole('button', { name: 'Save' }).click()
  await page.waitForURL(`**/app/learnings?search=hue#${id}`)
  await until(() => item.count()).toBe(1)
  await item.getByText('Edit').click()
  await item.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('heading', { name: 'Delete this learning?' }).waitFor()
  await until(() => page.locator('.at-stake').innerText()).toMatch(
    /^KeyError: <b>hue<\/b>\s+use color\s+not yet tried · by /,
  )
  await page.getByRole('link', { name: 'Keep' }).click()
  await until(async () => [page.url(), await item.count()]).toEqual([
    `${it.server.origin}/app/learnings?search=hue#${id}`,
    1,
  ])
  await item.getByText('Edit').click()
  await item.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  await page.getByRole('heading', { name: 'Learnings', exact: true }).waitFor()
  await until(async () => [await told(), await item.count()]).toEqual([['Deleted: KeyError: <b>hue</b>'], 0])
  expect(page.url()).toBe(`${it.server.origin}/app/learnings?search=hue`)
  await page.reload()
  expect(await told()).toEqual([])
})

test('a file with a long and odd name is told of, cut, as text', async () => {
  const name = `<b>${'ü'.repeat(100)}.txt`
  await it.client.run({ code: `open(${JSON.stringify(name)}, "w").close()` })
  const page = await withoutScript()
  await it.open('/app/files')
  await page.getByRole('button', { name: `Delete ${name}` }).click()
  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  await until(told).toEqual([`Deleted: <b>${'ü'.repeat(76)}…`])
  // Neither an address nor another page says that something is gone.
  await it.open(`/app/files?deleted=${encodeURIComponent('everything')}`)
  expect(await told()).toEqual([])
})

test.each([
  [{ width: 1280, height: 900 }, 'light'],
  [{ width: 360, height: 740 }, 'dark'],
] as const)('at %o, %s, nothing serious is wrong with the question and the word', async (size, colorScheme) => {
  await it.client.call('add_learning', {
    error_pattern: `TypeError: ${'long'.repeat(60)}`,
    solution: 'use a shorter name',
    context: 'any',
  })
  await it.client.run({ code: `open("${'a'.repeat(200)}.txt", "w").close()` })
  await it.page.setViewportSize(size)
  await it.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
  const fits = () => it.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)
  await it.open('/app/files')
  await it.page.getByRole('button', { name: /^Delete aaa/ }).click()
  await it.page.getByRole('heading', { name: /^Delete aaa/ }).waitFor()
  expect([await seriousFaults(it.page), await fits()]).toEqual([[], true])
  await it.page.getByRole('button', { name: 'Delete', exact: true }).click()
  await it.page.getByText('Deleted:').waitFor()
  expect([await seriousFaults(it.page), await fits()]).toEqual([[], true])
  await it.open('/app/learnings?search=TypeError')
  await it.page.getByText('Edit').click()
  await it.page.getByRole('button', { name: 'Delete' }).click()
  await it.page.getByRole('heading', { name: 'Delete this learning?' }).waitFor()
  expect([await seriousFaults(it.page), await fits()]).toEqual([[], true])
  await it.page.getByRole('button', { name: 'Delete', exact: true }).click()
})
