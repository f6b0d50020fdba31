/** The view of a run for everybody: what axe finds, on a wide and a narrow screen, light and dark, and by keyboard. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Client, InMemoryTransport } from '@modelcontextprotocol/client'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Caller } from '../../worker/mcp/caller.ts'
import { createServer } from '../../worker/mcp/server.ts'
import { launchBrowser } from '../support/browser.ts'
import { openChat } from '../support/chat-host.ts'
import { until } from '../support/until.ts'

const AXE = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

interface Found {
  violations: { id: string; impact: string; nodes: { html: string }[] }[]
}

/** A failed run with all that a view can have: output of both streams in colours, files, a picture, an attached text. */
const RESULT = {
  isError: true,
  content: [
    { type: 'text', text: '[error · r_0123456789abcdef]' },
    { type: 'text', text: 'a.csv:\n```csv\na,b\n```' },
    { type: 'image', mimeType: 'image/png', data: PNG },
  ],
  _meta: {
    'codemode/data': {
      run_id: 'r_0123456789abcdef',
      status: 'error',
      stdout: Array.from(
        { length: 40 },
        (_, i) => `\u001B[${31 + (i % 7)}m${'a long word'.repeat(20)}\u001B[0m\n`,
      ).join(''),
      stderr: 'ValueError: no such thing\n',
      usage: { wall_ms: 1234 },
      error: {
        type: 'ValueError',
        message: 'no such thing',
        line: 2,
        frame: '> 2 | raise ValueError("no such thing")',
      },
      hints: ['Next: look at the line.'],
      files: [{ path: `${'long'.repeat(60)}.csv`, change: 'created', bytes: 8 }],
    },
  },
}
const ARGS = {
  code: 'print(1)\nraise ValueError("no such thing")',
  description: 'a very long description of it '.repeat(8),
}

let browser: Browser
let client: Client
beforeAll(async () => {
  browser = await launchBrowser()
  client = new Client({ name: 'host', version: '1' })
  const [ours, theirs] = InMemoryTransport.createLinkedPair()
  const caller = { pagesAt: () => 'http://127.0.0.1:8787' } as Caller
  const server = createServer(caller, false, { tools: null, views: true })
  await Promise.all([server.connect(theirs), client.connect(ours)])
})
afterAll(async () => {
  await client?.close()
  await browser?.close()
})

test.each([
  ['900 px, light', 900, 'light'],
  ['900 px, dark', 900, 'dark'],
  ['360 px, light', 360, 'light'],
  ['360 px, dark', 360, 'dark'],
] as const)('at %s nothing is wrong for anybody, and nothing stands beside the view', async (_, width, theme) => {
  const chat = await openChat(browser, client, { width, height: 900 })
  try {
    await chat.reopen(ARGS, RESULT, { theme })
    await chat.view.getByRole('button', { name: 'Show all lines' }).waitFor()
    await chat.view.getByText('a.csv', { exact: true }).click()
    const frame = chat.page.frames().at(-1)!
    await frame.evaluate(AXE)
    const { violations } = await frame.evaluate(() =>
      (window as unknown as { axe: { run(): Promise<Found> } }).axe.run(),
    )
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
    expect(await frame.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
  } finally {
    await chat.close()
  }
})

test('all of it can be reached and pressed by keyboard', async () => {
  const chat = await openChat(browser, client)
  try {
    await chat.reopen(ARGS, RESULT)
    await chat.view.getByRole('button', { name: 'Show all lines' }).waitFor()
    const reached: string[] = []
    const frame = chat.page.frames().at(-1)!
    for (let step = 0; step < 4; step++) {
      await chat.page.keyboard.press('Tab')
      reached.push(await frame.evaluate(() => (document.activeElement as HTMLElement).innerText))
      await chat.page.keyboard.press('Enter')
    }
    expect(reached).toEqual(['Open in browser', 'Program, 2 lines', 'Show all lines', 'a.csv'])
    await until(() => chat.opened).toEqual(['http://127.0.0.1:8787/app/runs/r_0123456789abcdef'])
    await until(() => chat.view.locator('#program pre').innerText()).toBe(ARGS.code)
    await until(() => chat.view.locator('#texts pre').innerText()).toBe('a,b')
    await chat.view.getByRole('button', { name: 'Show the end' }).waitFor()
  } finally {
    await chat.close()
  }
})
