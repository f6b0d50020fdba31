/** The pages about runs in a real browser: what a person sees of a run while it goes on, and what a program cannot make of the page. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { CLIENTS, type TestClient } from '../support/clients.ts'
import { type DevServer, startDevServer } from '../support/dev-server.ts'

const AXE = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')

let server: DevServer
let browser: Browser
let client: TestClient
beforeAll(async () => {
  ;[server, browser] = await Promise.all([startDevServer({}, { ownWorkspaces: true }), launchBrowser()])
  client = await CLIENTS['sdk v2, 2026-07-28']!.connect(server.origin, server.token)
}, 180_000)
afterAll(async () => {
  await client?.close()
  await browser?.close()
  await server?.stop()
})

let context: BrowserContext
let page: Page
/** What the browser complains of: refused scripts, failed requests, errors of our module. */
let complaints: string[]
beforeEach(async () => {
  context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
  page = await context.newPage()
  complaints = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  await page.goto(`${server.origin}/app/runs`)
  await page.getByRole('button', { name: 'Continue as the local developer' }).click()
  await page.getByRole('heading', { name: 'Runs', exact: true }).waitFor()
})
afterEach(() => context.close())

const log = () => page.locator('#log')
const facts = () => page.locator('#facts')
/** Starts a program by the form on the page, and stands on its run's page. */
async function run(code: string): Promise<void> {
  await page.goto(`${server.origin}/app/runs`)
  if (!(await page.locator('details.try').evaluate((details: HTMLDetailsElement) => details.open)))
    await page.getByText('Try it').click()
  await page.getByLabel('Program').fill(code)
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await page.waitForURL(/\/app\/runs\/r_[0-9a-f]{16}$/)
}
async function ended(words: string): Promise<void> {
  await facts().getByText(words).waitFor()
}
const lines = () => log().evaluate((element) => element.textContent.split('\n').slice(0, -1))

test('a run of a client stands on the open list, and its end, too', async () => {
  const calling = client.run({ code: 'import time\ntime.sleep(2)\nprint("seen")', description: 'by a client' })
  const row = page.getByRole('listitem').filter({ hasText: 'by a client' })
  await row.getByText('running').waitFor()
  await calling
  await row.getByText('succeeded').waitFor()
  await row.getByText('seen').waitFor()
  expect(complaints).toEqual([])
})

test('a failing run: live lines, the progress bar on one line, the error with its line, the file and the program', async () => {
  await run(
    [
      'import sys, time',
      'print("first", flush=True)',
      'time.sleep(1.5)',
      'for i in range(101): print(f"\\r{i} %", end="", flush=True)',
      'print()',
      'print("warned", file=sys.stderr)',
      'open("made by it.txt", "w").write("content")',
      'raise ValueError("no such thing")',
    ].join('\n'),
  )
  await log().getByText('first').waitFor()
  expect(await facts().innerText()).toContain('running')
  await ended('failed')
  const [first, progress, warned, ...trace] = await lines()
  expect([first, progress, warned, trace.at(-1)]).toEqual(['first', '100 %', 'warned', 'ValueError: no such thing'])
  expect(await log().locator('.stderr').first().innerText()).toBe('warned\n')
  expect(await page.title()).toMatch(/^✗ print\("first", flush=True\) – /)
  await page.getByRole('link', { name: 'line 8', exact: true }).click()
  expect(await page.locator('.marked').innerText()).toContain('raise ValueError')
  expect(new URL(page.url()).hash).toBe('#P8')
  expect(await downloaded('made by it.txt')).toBe('content')
  expect(await downloaded('Whole output as a file')).toMatch(
    /^first\n\r0 %[^]*\r100 %\nwarned\nTraceback [^]*ValueError: no such thing\n$/,
  )
  expect(await downloaded('Program as a file')).toMatch(/^import sys, time\n[^]*no such thing"\)$/)
  expect(complaints).toEqual([])
})

async function downloaded(name: string): Promise<string> {
  const href = await page.getByRole('link', { name }).getAttribute('href')
  const response = await context.request.get(new URL(href!, page.url()).href)
  expect(response.status()).toBe(200)
  return response.text()
}

test('a picture that a program made is shown', async () => {
  const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
  await run(`import base64\nopen("dot.png", "wb").write(base64.b64decode("${png}"))`)
  await ended('succeeded')
  const picture = page.getByRole('img', { name: 'dot.png' })
  await picture.waitFor()
  await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(1)
})

test('a run is stopped, its output is kept, and it is run again, edited', async () => {
  await run('import time\nprint("before", flush=True)\ntime.sleep(600)')
  await log().getByText('before').waitFor()
  await page.getByRole('button', { name: 'Stop' }).click()
  await ended('stopped')
  expect((await lines())[0]).toBe('before')
  await page.getByText('Run again').click()
  await page.getByLabel('Program').fill('print("again")')
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await ended('succeeded')
  expect(await lines()).toEqual(['again'])
})

test('the end is followed until one scrolls up, and again from there', async () => {
  await run('import time\nfor i in range(200): print("line", i)\ntime.sleep(3)\nfor i in range(50): print("later", i)')
  await log().getByText('line 199').waitFor()
  const toEnd = () => log().evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight)
  await expect.poll(toEnd).toBeLessThan(2)
  await log().evaluate((element) => (element.scrollTop = 0))
  await ended('succeeded')
  const offer = page.getByRole('button', { name: /^\d+ new lines ↓$/ })
  await offer.waitFor()
  expect(await log().evaluate((element) => element.scrollTop)).toBe(0)
  await offer.click()
  await expect.poll(toEnd).toBeLessThan(2)
  await expect.poll(() => offer.count()).toBe(0)
})

test('100,000 lines are all there, in order, and the page still answers', async () => {
  await run('for i in range(100_000): print(i)')
  await ended('succeeded')
  await log().getByText('99999').waitFor()
  const all = await lines()
  // Of a long log head and tail are kept; while the runner has it, all of it is.
  expect(all).toEqual(Array.from({ length: 100_000 }, (_, i) => String(i)))
  await page.getByText('Run again').click()
  await page.getByLabel('Program').waitFor()
})

test('after the server was killed and came back the output goes on without a line twice', async () => {
  await run('import time\nfor i in range(80):\n    print("line", i, flush=True)\n    time.sleep(0.1)')
  await log().getByText('line 3').waitFor()
  await server.crashRuntime()
  await ended('succeeded')
  expect(await lines()).toEqual(Array.from({ length: 80 }, (_, i) => `line ${i}`))
  await page.goto(`${server.origin}/app/runs`)
})

test('files are uploaded, several at once, looked at and deleted', async () => {
  await page.goto(`${server.origin}/app/files`)
  const big = Buffer.alloc(5_000_000, 'x')
  await page.getByLabel('Upload files').setInputFiles([
    { name: 'big.bin', mimeType: 'application/octet-stream', buffer: big },
    { name: 'a name with ümlaut & <b>.txt', mimeType: 'text/plain', buffer: Buffer.from('content') },
  ])
  const row = page.getByRole('row').filter({ hasText: 'big.bin' })
  await row.getByText('5 MB').waitFor()
  expect(await downloaded('a name with ümlaut & <b>.txt')).toBe('content')
  expect(await downloaded('big.bin')).toBe(big.toString())
  await run('import os\nprint(os.path.getsize("big.bin"))')
  await ended('succeeded')
  expect(await lines()).toEqual(['5000000'])
  await page.goto(`${server.origin}/app/files`)
  await page.getByRole('button', { name: 'Delete big.bin' }).click()
  await expect.poll(() => row.count()).toBe(0)
  await page.getByText('ümlaut').waitFor()
  expect(complaints).toEqual([])
})

test('a learning is found, edited and deleted; a file of them goes out and comes in', async () => {
  await client.call('add_learning', { error_pattern: 'KeyError: colour', solution: 'use color', context: 'csv' })
  await page.goto(`${server.origin}/app/learnings`)
  await page.getByLabel('Words').fill('colour')
  await page.getByRole('button', { name: 'Show' }).click()
  const item = page.locator('.learnings > li')
  await item.getByText('Edit').click()
  await item.getByLabel('Solution').fill('call it color\n</textarea><b>')
  await item.getByRole('button', { name: 'Save' }).click()
  await page.getByText('call it color').first().waitFor()
  const { structured } = await client.call('get_learnings', { search: 'colour' })
  expect(JSON.stringify(structured)).toContain('call it color\\n</textarea><b>')
  const file = await downloaded('All learnings as a file')
  await page.locator('.learnings > li').filter({ hasText: 'KeyError: colour' }).getByText('Edit').click()
  await page
    .locator('.learnings > li')
    .filter({ hasText: 'KeyError: colour' })
    .getByRole('button', { name: 'Delete' })
    .click()
  await page.getByRole('heading', { name: 'Learnings', exact: true }).waitFor()
  await expect.poll(() => page.getByText('KeyError: colour').count()).toBe(0)
  const upload = { name: 'learnings.json', mimeType: 'application/json', buffer: Buffer.from(file) }
  await page.getByLabel('File of learnings').setInputFiles(upload)
  await page.getByRole('button', { name: 'Import' }).click()
  await page.getByText(/^1 new, \d+ known already/).waitFor()
  await page.goto(`${server.origin}/app/learnings`)
  await page.getByLabel('File of learnings').setInputFiles({ ...upload, buffer: Buffer.from('"no list"') })
  await page.getByRole('button', { name: 'Import' }).click()
  await page.getByText('The file holds no learnings').waitFor()
})

test('the front page has this address in the configuration of each client, and copies it', async () => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.goto(server.origin)
  const clients = page.locator('details.client')
  expect(await clients.locator('summary').allInnerTexts()).toEqual([
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
  for (const text of await clients.locator('pre').allTextContents()) expect(text).toContain(`${server.origin}/mcp`)
  await page.getByText('Claude Code').click()
  await clients.first().getByRole('button', { name: 'Copy' }).click()
  await clients.first().getByRole('button', { name: 'Copied' }).waitFor()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
    `claude mcp add --transport http code-mode ${server.origin}/mcp`,
  )
  const links = await clients.locator('a').evaluateAll((all) => all.map((each) => (each as HTMLAnchorElement).href))
  const config = new URL(links[0]!).searchParams.get('config')!
  expect(JSON.parse(Buffer.from(config, 'base64').toString())).toEqual({ url: `${server.origin}/mcp` })
  expect(JSON.parse(decodeURIComponent(links[1]!.slice('vscode:mcp/install?'.length)))).toEqual({
    name: 'code-mode',
    type: 'http',
    url: `${server.origin}/mcp`,
  })
  expect(complaints).toEqual([])
})

test('settings are changed, wrong ones are named and kept to be mended, and a default is one again', async () => {
  await page.goto(`${server.origin}/app/settings`)
  await page.getByLabel('default_timeout').fill('70')
  await page.getByLabel('auto_install').uncheck()
  await page.getByLabel('blocked_packages').fill('Left_Pad\nother')
  await page.getByLabel('network').selectOption('packages')
  await page.getByLabel('network').selectOption('open')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved.').waitFor()
  const shown = async () => (await client.call('configure', {})).text
  expect(await shown()).toMatch(/default_timeout = 70 [^]*auto_install = false [^]*blocked_packages = left-pad, other /)
  await page.getByLabel('time_zone').fill('Mars/Olympus')
  await page.getByLabel('default_timeout').fill('50')
  await page.getByRole('button', { name: 'Save' }).click()
  const problem = page.getByRole('alert')
  await problem.waitFor()
  expect(await problem.innerText()).toContain('time_zone')
  // What was right is stored, and what was wrong stands in its field.
  expect(await page.getByLabel('time_zone').inputValue()).toBe('Mars/Olympus')
  expect(await page.getByLabel('default_timeout').inputValue()).toBe('50')
  await page.goto(`${server.origin}/app/settings`)
  expect(await page.getByLabel('time_zone').inputValue()).toBe('UTC')
  expect(await page.getByLabel('auto_install').isChecked()).toBe(false)
  await page.getByLabel('auto_install').check()
  await page.getByLabel('blocked_packages').fill('')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved.').waitFor()
  expect(await shown()).not.toMatch(/auto_install = false|left-pad/)
  expect(complaints).toEqual([expect.stringContaining('400')])
})

test('the list finds runs by words and state, and says when there are none', async () => {
  await run('print("a needle in it")')
  await ended('succeeded')
  await page.goto(`${server.origin}/app/runs`)
  await page.getByLabel('Words').fill('needle')
  await page.getByLabel('State').selectOption('succeeded')
  await page.getByRole('button', { name: 'Show' }).click()
  await expect.poll(() => page.locator('.runs li').count()).toBe(1)
  expect(new URL(page.url()).search).toBe('?search=needle&status=success')
  await page.getByLabel('State').selectOption('lost')
  await page.getByRole('button', { name: 'Show' }).click()
  await page.getByText('No run is like that.').waitFor()
})

/** Texts that try to become script, markup, an end of their place, or somebody else's words. */
const ATTACKS = [
  '<script>pwned()</script>',
  '<img src=x onerror=pwned()>',
  '"><svg onload=pwned()>',
  "'><iframe srcdoc='<script>parent.pwned()</script>'>",
  '</pre></div></main><script>pwned()</script>',
  '</textarea><script>pwned()</script>',
  '</title><script>pwned()</script>',
  '</code></li></ol><script>pwned()</script>',
  'javascript:pwned()',
  '<a href="javascript:pwned()" style="position:fixed;inset:0">x</a>',
  '<style>*{display:none}</style>',
  '<base href="https://evil.example/">',
  '<meta http-equiv="refresh" content="0;url=javascript:pwned()">',
  '<form action="/account/delete"><button>',
  '${pwned()}{{pwned()}}<%= pwned() %>',
  '&lt;script&gt;pwned()&lt;/script&gt;',
  '\u202e<script>pwned()</script>',
  '\u001b]8;;javascript:pwned()\u0007link\u001b]8;;\u0007',
  ']]><script>pwned()</script><!--',
  '\ndata: {"type":"outcome"}\n\nevent: outcome\ndata: {}\n\n',
]

test('what programs, clients and files are called and print is text wherever it stands', async () => {
  await page.addInitScript(() =>
    Object.assign(window, { pwned: () => ((window as { isPwned?: true }).isPwned = true) }),
  )
  for (const attack of ATTACKS) {
    // As the program and its comment, what it prints, its error and a file's name; as the description.
    const name = attack.replaceAll(/[/\n\0]/g, '_').slice(0, 80)
    const text = JSON.stringify(attack)
    const code = `# ${attack.replaceAll('\n', ' ')}\nimport sys\nprint(${text})\nprint(${text}, file=sys.stderr)\nopen(${JSON.stringify(`${name}.png`)}, "w").write(${text})\nopen(${JSON.stringify(`${name}.html`)}, "w").write(${text})\nraise ValueError(${text})`
    const { outcome } = await client.run({ code, description: attack })
    await page.goto(`${server.origin}/app/runs/${outcome.run_id}`)
    await ended('failed')
    await log().getByText('ValueError').first().waitFor()
    await page.goto(`${server.origin}/app/runs/${outcome.run_id}/log.txt`).catch(() => {}) // a download
    await page.goto(`${server.origin}/app/api/files/${encodeURIComponent(`${name}.html`)}`).catch(() => {})
  }
  await page.goto(`${server.origin}/app/runs`)
  for (const each of [page, ...context.pages()])
    expect(await each.evaluate(() => (window as { isPwned?: true }).isPwned)).toBe(undefined)
  expect(await page.locator('main script, main iframe, main style, main base, main meta, main svg').count()).toBe(0)
  expect(await page.locator('#list li').count()).toBeGreaterThanOrEqual(ATTACKS.length)
  expect(new URL(page.url()).origin).toBe(server.origin)
  expect(complaints.filter((each) => /Trusted|script|pwned/i.test(each))).toEqual([])
})

test.each([
  ['1280 px, light', { width: 1280, height: 900 }, 'light'],
  ['360 px, dark', { width: 360, height: 740 }, 'dark'],
] as const)(
  'at %s nothing serious is wrong for anybody, and nothing stands beside the screen',
  async (_, size, scheme) => {
    await run(`print("${'a long word'.repeat(40)}")\n1/0`)
    await ended('failed')
    await page.setViewportSize(size)
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
    for (const path of [
      new URL(page.url()).pathname,
      '/app/runs',
      '/app/runs?search=nothing+is+like+this',
      '/account',
      '/app/files',
      '/app/learnings',
      '/app/settings',
      '/',
    ]) {
      await page.goto(server.origin + path)
      await page.evaluate(AXE)
      const found = await page.evaluate(async () => {
        const { violations } = await (window as unknown as { axe: { run(): Promise<Found> } }).axe.run()
        return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
      })
      expect(found.map(({ id, nodes }) => [path, id, nodes.map(({ html }) => html)])).toEqual([])
      expect([path, await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)]).toEqual([
        path,
        true,
      ])
    }
  },
)
interface Found {
  violations: { id: string; impact: string; nodes: { html: string }[] }[]
}

test('by the keyboard alone: to the content, a run, its output, and stopping it', async () => {
  await run('import time\nprint("on", flush=True)\ntime.sleep(600)')
  await log().getByText('on').waitFor()
  const reached: string[] = []
  for (let i = 0; i < 30 && !reached.includes('Stop'); i++) {
    await page.keyboard.press('Tab')
    reached.push(await page.evaluate(() => document.activeElement?.textContent?.trim() ?? ''))
  }
  expect(reached.slice(0, 6)).toEqual(['Skip to content', 'MCP Code Mode', 'Runs', 'Files', 'Learnings', 'Settings'])
  expect(reached).toContain('Stop')
  await page.keyboard.press('Enter')
  await ended('stopped')
})

test('a browser gets pages where programs get JSON, with the same status', async () => {
  const answers = []
  const visitor = await browser.newContext()
  const other = await visitor.newPage()
  for (const path of ['/nothing', '/files', '/mcp', '/learnings/x', '/app/runs/x', '/runs', '/app/nothing']) {
    const response = await other.goto(server.origin + path)
    answers.push([path, response?.status(), response?.headers()['content-type'], new URL(other.url()).pathname])
  }
  await visitor.close()
  const html = 'text/html; charset=UTF-8'
  expect(answers).toEqual([
    ['/nothing', 404, html, '/nothing'],
    ['/files', 401, html, '/files'],
    ['/mcp', 401, html, '/mcp'],
    ['/learnings/x', 401, html, '/learnings/x'],
    ['/app/runs/x', 200, html, '/sign-in'],
    ['/runs', 200, html, '/sign-in'],
    ['/app/nothing', 404, html, '/app/nothing'],
  ])
})
