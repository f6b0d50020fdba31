/** Running a run again, from the top of its page. */
import { expect, test } from 'vitest'
import { signedInPage } from '../../support/signed-in-page.ts'
import { until } from '../../support/until.ts'

const it = signedInPage()
const again = () => it.page.getByRole('link', { name: 'Edit and run again' })
const field = (name: string) => it.page.locator(`.try [name=${name}]`)

/** Opens the page of the newest run with this description. */
async function opened(description: string): Promise<void> {
  await it.open(`/app/runs?${new URLSearchParams({ search: description }).toString()}`)
  await it.page.locator('.runs a.title').first().click()
  await it.page.getByRole('heading', { name: description }).waitFor()
}

test('a press beside the state leads to the form, with what the run was for, and the next run has it', async () => {
  await it.client.run({ code: 'for i in range(500): print(i)', description: 'Count <b>up</b>\nto 500' })
  await opened('Count <b>up</b> to 500')
  await it.log.getByText('499').waitFor()
  await it.page.evaluate(() => (location.hash = '#L3'))
  await again().click()
  await expect.poll(() => field('code').evaluate((each) => each === document.activeElement)).toBe(true)
  await expect.poll(() => it.page.evaluate(() => scrollY > 0)).toBe(true)
  expect(new URL(it.page.url()).hash).toBe('#L3')
  await until(() => it.page.getByLabel('What it is for').inputValue()).toBe('Count <b>up</b>\nto 500')
  await it.page.getByLabel('What it is for').fill('Count\nto 500 anew')
  await field('code').press('Control+Enter')
  await it.ended('succeeded')
  await it.page.getByRole('heading', { name: 'Count to 500 anew' }).waitFor()
  const id = new URL(it.page.url()).pathname.split('/').at(-1)
  const response = await it.context.request.get(`${it.server.origin}/app/api/runs/${id}`)
  expect(await response.json()).toMatchObject({
    description: 'Count\nto 500 anew',
    program: 'for i in range(500): print(i)',
  })
  expect(it.complaints).toEqual([])
})

test('without the module the link is to the form, which opens', async () => {
  await it.client.run({ code: 'print(1)', description: 'still page' })
  const storageState = await it.context.storageState()
  await it.context.close()
  await it.become({ javaScriptEnabled: false, storageState })
  await opened('still page')
  await again().click()
  await field('code').waitFor({ state: 'visible' })
  await it.page.getByRole('button', { name: 'Run', exact: true }).click()
  await it.page.getByRole('heading', { name: 'still page' }).waitFor()
})
