/** The pages about what is kept beside runs: files, learnings, settings; and how each client is connected. */
import { expect, test } from 'vitest'
import { signedInPage } from '../../support/signed-in-page.ts'
import { until } from '../../support/until.ts'

const it = signedInPage()

test('files are uploaded, several at once, looked at and deleted', async () => {
  await it.page.goto(`${it.server.origin}/app/files`)
  const big = Buffer.alloc(5_000_000, 'x')
  await it.page.getByLabel('Upload files').setInputFiles([
    { name: 'big.bin', mimeType: 'application/octet-stream', buffer: big },
    { name: 'a name with ümlaut & <b>.txt', mimeType: 'text/plain', buffer: Buffer.from('content') },
  ])
  const row = it.page.getByRole('row').filter({ hasText: 'big.bin' })
  await row.getByText('5 MB').waitFor()
  expect(await it.downloaded('Download a name with ümlaut & <b>.txt')).toBe('content')
  expect(await it.downloaded('Download big.bin')).toBe(big.toString())
  await it.run('import os\nprint(os.path.getsize("big.bin"))')
  await it.ended('succeeded')
  expect(await it.lines()).toEqual(['5000000'])
  await it.page.goto(`${it.server.origin}/app/files`)
  await it.page.getByRole('button', { name: 'Delete big.bin' }).click()
  await it.page.getByRole('button', { name: 'Delete', exact: true }).click()
  await expect.poll(() => row.count()).toBe(0)
  await it.page.getByText('ümlaut').waitFor()
  expect(it.complaints).toEqual([])
})

test('a learning is found, edited and deleted; a file of them goes out and comes in', async () => {
  await it.client.call('add_learning', { error_pattern: 'KeyError: colour', solution: 'use color', context: 'csv' })
  await it.page.goto(`${it.server.origin}/app/learnings`)
  await it.page.getByLabel('Search').fill('colour')
  await it.page.getByRole('button', { name: 'Show' }).click()
  const item = it.page.locator('.learnings > li')
  await item.getByText('Edit').click()
  await item.getByLabel('Solution').fill('call it color\n</textarea><b>')
  await item.getByRole('button', { name: 'Save' }).click()
  await it.page.getByText('call it color').first().waitFor()
  const { structured } = await it.client.call('get_learnings', { search: 'colour' })
  expect(JSON.stringify(structured)).toContain('call it color\\n</textarea><b>')
  const file = await it.downloaded('All learnings as a file')
  await it.page.locator('.learnings > li').filter({ hasText: 'KeyError: colour' }).getByText('Edit').click()
  await it.page
    .locator('.learnings > li')
    .filter({ hasText: 'KeyError: colour' })
    .getByRole('button', { name: 'Delete' })
    .click()
  await it.page.getByRole('heading', { name: 'Delete this learning?' }).waitFor()
  await it.page.getByRole('button', { name: 'Delete', exact: true }).click()
  await it.page.getByRole('heading', { name: 'Learnings', exact: true }).waitFor()
  await expect.poll(() => it.page.locator('.learnings').getByText('KeyError: colour').count()).toBe(0)
  const upload = { name: 'learnings.json', mimeType: 'application/json', buffer: Buffer.from(file) }
  await it.page.getByLabel('File of learnings').setInputFiles(upload)
  await it.page.getByRole('button', { name: 'Import' }).click()
  await it.page.getByText(/^1 new, \d+ known already/).waitFor()
  expect(it.complaints).toEqual([])
  await it.page.goto(`${it.server.origin}/app/learnings`)
  await it.page.getByLabel('File of learnings').setInputFiles({ ...upload, buffer: Buffer.from('"no list"') })
  await it.page.getByRole('button', { name: 'Import' }).click()
  await it.page.getByText('The file holds no learnings').waitFor()
})

test('a solution keeps its lines in the list and the form, and what cannot be saved is kept to be mended', async () => {
  const change = 'Gone after this change:\n- return a\n+ return a + b'
  await it.client.call('add_learning', { error_pattern: 'ValueError: no sum', solution: change, context: 'ledger' })
  await it.page.goto(`${it.server.origin}/app/learnings?search=ledger`)
  const item = it.page.locator('.learnings > li')
  await until(() => item.locator('pre').allInnerTexts()).toEqual([change])
  await item.getByText('Edit').click()
  const solution = it.page.getByLabel('Solution')
  const isWhole = () => solution.evaluate((field) => field.scrollHeight <= field.clientHeight)
  await until(isWhole).toBe(true)
  await solution.fill(`${change} + c\n${'+ more\n'.repeat(5)}+ end`)
  await item.getByRole('button', { name: 'Save' }).click()
  await until(() => item.getByRole('status').allInnerTexts()).toEqual(['Saved.'])
  await item.getByText('Edit').click()
  await until(isWhole).toBe(true)
  await it.page.reload()
  await item.waitFor()
  await until(() => it.page.getByText('Saved.').count()).toBe(0)

  await item.getByText('Edit').click()
  await it.page.getByLabel('Context').fill('ledger of two')
  await solution.fill('')
  await item.getByRole('button', { name: 'Save' }).click()
  await until(() => solution.evaluate((field) => field.matches(':focus:invalid'))).toBe(true)
  // The browser takes blanks for a solution, the server does not.
  await solution.fill(' ')
  await item.getByRole('button', { name: 'Save' }).click()
  await it.page.getByRole('alert').getByText('The learning would lack the solution.').waitFor()
  await until(() => it.page.getByLabel('Context').inputValue()).toBe('ledger of two')
  await solution.fill('add them')
  await it.page.getByLabel('Context').fill('of two')
  await it.page.getByRole('button', { name: 'Save' }).click()
  // It does not fit the search any more.
  await it.page.getByText('No learning has these words.').waitFor()
  await until(() => it.page.getByRole('status').allInnerTexts()).toEqual(['Saved.'])
  await it.page.goto(`${it.server.origin}/app/learnings?search=sum`)
  await item.getByText('add them').first().waitFor()
  expect(it.complaints).toEqual([expect.stringContaining('400')])
})

test('the front page has this address in the configuration of each client, and copies it', async () => {
  await it.context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await it.page.goto(it.server.origin)
  const clients = it.page.locator('details.client')
  await until(() => clients.locator('summary').allInnerTexts()).toEqual([
    ...[
      'Claude Code',
      'Claude Desktop',
      'Cursor',
      'VS Code',
      'Goose',
      'Codex',
      'Gemini CLI',
      'opencode',
      'Windsurf',
      'Zed',
    ],
    ...['ChatGPT', 'A client that only starts programs (stdio)'],
  ])
  for (const text of await clients.locator('pre').allTextContents()) expect(text).toContain(`${it.server.origin}/mcp`)
  await it.page.getByText('Claude Code', { exact: true }).click()
  await clients.first().getByRole('button', { name: 'Copy' }).click()
  await clients.first().getByRole('button', { name: 'Copied' }).waitFor()
  expect(await it.page.evaluate(() => navigator.clipboard.readText())).toBe(
    `claude mcp add --transport http code-mode ${it.server.origin}/mcp`,
  )
  const links = await clients.locator('a').evaluateAll((all) => all.map((each) => (each as HTMLAnchorElement).href))
  const config = new URL(links[0]!).searchParams.get('config')!
  expect(JSON.parse(Buffer.from(config, 'base64').toString())).toEqual({ url: `${it.server.origin}/mcp` })
  expect(JSON.parse(decodeURIComponent(links[1]!.slice('vscode:mcp/install?'.length)))).toEqual({
    name: 'code-mode',
    type: 'http',
    url: `${it.server.origin}/mcp`,
  })
  expect(it.complaints).toEqual([])
})

test('settings are changed, wrong ones are named and kept to be mended, and a default is one again', async () => {
  await it.page.goto(`${it.server.origin}/app/settings`)
  await it.page.getByLabel('default_timeout').fill('70')
  await it.page.getByLabel('auto_install').uncheck()
  await it.page.getByLabel('blocked_packages').fill('Left_Pad\nother')
  await it.page.getByLabel('network').selectOption('packages')
  await it.page.getByLabel('network').selectOption('open')
  await it.page.getByRole('button', { name: 'Save' }).click()
  await it.page.getByText('Saved.').waitFor()
  const shown = async () => (await it.client.call('configure', {})).text
  expect(await shown()).toMatch(/default_timeout = 70 [^]*auto_install = false [^]*blocked_packages = left-pad, other /)
  await it.page.getByLabel('time_zone').fill('Mars/Olympus')
  await it.page.getByLabel('default_timeout').fill('50')
  await it.page.getByRole('button', { name: 'Save' }).click()
  const problem = it.page.getByRole('alert')
  await problem.waitFor()
  await until(() => problem.innerText()).toContain('time_zone')
  await problem.getByRole('link', { name: 'time_zone' }).click()
  const zone = it.page.getByLabel('time_zone')
  await until(() => zone.evaluate((field) => field.matches(':focus[aria-invalid]'))).toBe(true)
  // What was right is stored, and what was wrong stands in its field.
  await until(() => it.page.getByLabel('time_zone').inputValue()).toBe('Mars/Olympus')
  const described = (await it.page.getByLabel('time_zone').getAttribute('aria-describedby')) ?? ''
  await until(() => it.page.locator(`#${described.split(' ').at(-1)}`).innerText()).toMatch(/^"Mars\/Olympus"/)
  await until(() => it.page.getByLabel('default_timeout').inputValue()).toBe('50')
  await it.page.goto(`${it.server.origin}/app/settings`)
  await until(() => it.page.getByLabel('time_zone').inputValue()).toBe('UTC')
  await until(() => it.page.getByLabel('auto_install').isChecked()).toBe(false)
  await it.page.getByLabel('auto_install').check()
  await it.page.getByLabel('blocked_packages').fill('')
  await it.page.getByRole('button', { name: 'Save' }).click()
  await it.page.getByText('Saved.').waitFor()
  expect(await shown()).not.toMatch(/auto_install = false|left-pad/)
  expect(it.complaints).toEqual([expect.stringContaining('400')])
})
