/**
 * Pictures of every page, as a person sees it: wide and narrow, light and dark. `npm run pictures` keeps them: those that README shows in
 * `docs/pictures/`, all of them in `test-results/pages/`.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { call, CLIENT_HEADERS, headersOf, modern } from '../../support/mcp-by-hand.ts'
import { signedInPage } from '../../support/signed-in-page.ts'

const ROOT = new URL('../../..', import.meta.url)
const ARE_KEPT = process.env['PICTURES'] === '1'
/** Pictures that README shows: name, width and scheme. */
const SHOWN = ['run-1280-light', 'run-1280-dark']

const it = signedInPage()

/** Runs a program as a client with this name. */
async function runAs(client: string, code: string, description: string): Promise<string> {
  const request = modern(call(1, 'run_python', { code, description }))
  const body = JSON.stringify(request).replace('"name":"test"', `"name":${JSON.stringify(client)}`)
  const response = await fetch(`${it.server.origin}/mcp`, {
    method: 'POST',
    headers: { ...CLIENT_HEADERS, ...headersOf(request), authorization: `Bearer ${it.server.token}` },
    body,
  })
  const id = /r_[0-9a-f]{16}/.exec(await response.text())?.[0]
  expect([response.status, id]).toEqual([200, expect.any(String)])
  return id!
}

const MANDELBROT = readFileSync(new URL('test/fixtures/pictures/mandelbrot.py', ROOT), 'utf8')
const SALES = 'import csv\nfor row in csv.DictReader(open("sales.csv")):\n    print(row["month"], row["total"])'

test('every page at 1280 and 360 px, light and dark: nothing stands beside the screen, nothing complains', async () => {
  await runAs('Claude Code', 'import platform\nprint("Python", platform.python_version())', 'Which Python is this?')
  const failed = await runAs('Cursor', SALES, 'Sum the sales by month')
  await runAs(
    'Claude Code',
    'months = ["Jan", "Feb", "Mar"]\nwith open("sales.csv", "w") as file:\n    file.write("month,total\\n")\n    for i, month in enumerate(months):\n        file.write(f"{month},{(i + 3) * 1250}\\n")\nprint(f"{len(months)} months")',
    'Write an example of sales',
  )
  await runAs('VS Code', SALES, 'Sum the sales by month')
  const drawn = await runAs('Claude Desktop', MANDELBROT, 'Draw the Mandelbrot set')
  await it.client.call('add_learning', {
    error_pattern: "FileNotFoundError: 'sales.csv'",
    solution: 'Write sales.csv first: the workspace begins empty.',
    context: 'monthly sales',
  })
  const pages = {
    home: '/',
    runs: '/app/runs',
    run: `/app/runs/${drawn}`,
    failed: `/app/runs/${failed}`,
    files: '/app/files',
    learnings: '/app/learnings',
    packages: '/app/packages',
    usage: '/app/usage',
    settings: '/app/settings',
    account: '/account',
  }
  for (const width of [1280, 360]) {
    for (const colorScheme of ['light', 'dark'] as const) {
      await it.page.setViewportSize({ width, height: width === 1280 ? 800 : 740 })
      await it.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      for (const [name, path] of Object.entries(pages)) {
        await it.open(path)
        await it.page.waitForLoadState('networkidle').catch(() => {}) // a stream stays open
        if (name === 'run') await it.page.getByText('480 × 320 pixels').first().waitFor()
        const isInside = await it.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)
        expect([name, width, isInside]).toEqual([name, width, true])
        if (ARE_KEPT) await keep(`${name}-${width}-${colorScheme}`)
      }
    }
  }
  expect(it.complaints).toEqual([])
})

async function keep(name: string): Promise<void> {
  const whole = await it.page.screenshot({ fullPage: true })
  write(`test-results/pages/${name}.png`, whole)
  if (SHOWN.includes(name)) write(`docs/pictures/${name}.png`, await it.page.screenshot())
}

function write(path: string, bytes: Buffer): void {
  const url = new URL(path, ROOT)
  mkdirSync(fileURLToPath(new URL('.', url)), { recursive: true })
  writeFileSync(url, bytes)
}
