/** The front page in a real browser: clients as they connect, and the example. */
import { expect, test } from 'vitest'
import { CLIENTS } from '../../support/clients.ts'
import { gateOf } from '../../support/gate.ts'
import { signedInPage } from '../../support/signed-in-page.ts'
import { until } from '../../support/until.ts'

const it = signedInPage()

test('a client that connects stands on the open page by itself', async () => {
  await it.open('/')
  const connected = it.page.locator('#connected')
  await connected.getByText('connected').first().waitFor() // the client of these tests
  const before = await connected.locator('li').count()
  const other = await CLIENTS['sdk v1']!.connect(it.server.origin, it.server.token)
  await expect.poll(() => connected.locator('li').count()).toBe(before + 1)
  await other.close()
  await connected.getByRole('link').first().click()
  await it.page.getByRole('link', { name: /^Remove Client: / }).waitFor()
  expect(it.complaints).toEqual([])
})

test('the example runs on the page, line by line, as it is edited, and leads to its run', async () => {
  await it.open('/')
  const code = it.page.getByLabel('A program')
  await code.fill(
    `import time\nprint("first", flush=True)\nwhile not __import__("os").path.exists("go"): time.sleep(0.05)\nprint("last")`,
  )
  await code.press('Meta+Enter')
  const log = it.page.getByRole('log')
  await log.getByText('first').waitFor()
  expect(await log.textContent()).not.toContain('last')
  await it.client.run({ code: 'open("go", "w").close()' })
  await it.page.getByText('It succeeded.').waitFor()
  await until(() => log.textContent()).toBe('first\nlast\n')
  await it.page.getByRole('link', { name: 'See this run' }).click()
  await it.ended('succeeded')
  expect(it.complaints).toEqual([])
})

test('the example says that it waits for a place, and runs when it has one', async () => {
  const gate = gateOf(it.server)
  const post = (path: string, body: object) =>
    fetch(it.server.origin + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${it.server.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  await post('/config', { max_parallel_runs: 1 })
  await post('/runs', { code: gate.wait, background: true })
  await it.open('/')
  await it.page.getByRole('button', { name: 'Run it' }).click()
  const said = it.page.locator('#example-said')
  await until(() => said.innerText()).toBe('Waiting for a place … See this run')
  await gate.open()
  await until(() => said.innerText()).toBe('✓ It succeeded. See this run')
  await post('/config', { max_parallel_runs: 2 })
})

test('the example works without the module, and a program that is refused says why', async () => {
  await it.open('/')
  await it.page.getByLabel('A program').fill(' ')
  await it.page.getByRole('button', { name: 'Run it' }).click()
  await it.page.locator('#example-said').getByText('Next:').waitFor()
  const still = await it.browser.newContext({
    javaScriptEnabled: false,
    storageState: await it.context.storageState(),
  })
  const page = await still.newPage()
  await page.goto(`${it.server.origin}/`)
  await page.getByRole('button', { name: 'Run it' }).click()
  await page.waitForURL(/\/app\/runs\/r_/)
  await still.close()
})

test('a visitor is told what it is, and nothing of anybody', async () => {
  const visitor = await it.browser.newContext()
  const page = await visitor.newPage()
  await page.goto(`${it.server.origin}/`)
  expect(await page.locator('#connected, #example, time').count()).toBe(0)
  await page.getByRole('link', { name: 'Sign in', exact: true }).click()
  await page.getByRole('button', { name: 'Continue as the local developer' }).click()
  await page.locator('#connected').waitFor()
  await until(() => new URL(page.url()).pathname).toBe('/')
  await visitor.close()
})
