/** The view of a run inside a chat host, in a real browser: what a person sees of a call while it goes on, and when they come back. */
import type { Client } from '@modelcontextprotocol/client'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { type Chat, connectHost, openChat, UI, viewOf } from '../support/chat-host.ts'
import { type DevServer, startDevServer } from '../support/dev-server.ts'
import { gateOf } from '../support/gate.ts'
import { PATIENCE_MS, until } from '../support/until.ts'

let server: DevServer
let browser: Browser
beforeAll(async () => {
  ;[server, browser] = await Promise.all([startDevServer({}, { ownWorkspaces: true }), launchBrowser()])
}, 180_000)
afterAll(async () => {
  await browser?.close()
  await server?.stop()
})

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

describe.each([
  ['2026-07-28', { pin: '2026-07-28' }],
  ['2025-11-25', 'legacy'],
] as const)('%s', (revision, mode) => {
  let client: Client
  let chat: Chat
  beforeAll(async () => {
    client = await connectHost(server, mode)
  })
  afterAll(() => client?.close())
  beforeEach(async () => {
    chat = await openChat(browser, client)
  })
  afterEach(() => chat?.close())

  const state = () => chat.view.locator('#state')
  const log = () => chat.view.locator('#log')
  const polls = () => chat.calls.filter(({ name }) => name === 'run_log').length
  /** Resolves when the view has asked for nothing for a second, and waits for no answer. */
  async function quiet(): Promise<void> {
    let seen = -1
    const since = () => {
      const before = seen
      seen = polls()
      return seen - before + chat.waiting
    }
    await expect.poll(since, { interval: 1000, timeout: PATIENCE_MS }).toBe(0)
  }
  const lines = () => log().evaluate((element) => element.textContent.split('\n').slice(0, -1))

  test('a line is in the view while its program runs; the end, too', async () => {
    expect(client.getNegotiatedProtocolVersion()).toBe(revision)
    const gate = gateOf(server)
    const calling = chat.call('run_python', {
      code: `import time\nprint("first", flush=True)\n${gate.wait}\nprint("last")`,
      description: 'two lines',
    })
    await log().getByText('first').waitFor()
    await until(() => state().innerText()).toBe('▶ running')
    await until(() => chat.view.locator('#what').innerText()).toBe('two lines')
    await until(() => chat.view.locator('summary').innerText()).toBe('Program, 4 lines')
    await gate.open()
    await calling
    await until(() => state().innerText()).toBe('✓ succeeded')
    await until(lines).toEqual(['first', 'last'])
    await quiet()
    expect(chat.complaints).toEqual([])
  })

  test('the program is there while the model writes it', async () => {
    await chat.open()
    await chat.tell('partial', { code: 'import time\nprint(', description: 'being' })
    await until(() => chat.view.locator('#program pre').innerText()).toBe('import time\nprint(')
    await until(() => state().innerText()).toBe('✎ writing the program')
    await chat.tell('partial', { code: 'import time\nprint("x")\n', description: 'being written' })
    await until(() => chat.view.locator('summary').innerText()).toBe('Program, 2 lines')
    await until(() => chat.view.locator('#what').innerText()).toBe('being written')
    expect(polls()).toBe(0)
  })

  test('a run is stopped from the view, and keeps its output', async () => {
    const calling = chat.call('run_python', { code: 'import time\nprint("before", flush=True)\ntime.sleep(600)' })
    await log().getByText('before').waitFor()
    await chat.view.getByRole('button', { name: 'Stop' }).click()
    const { content } = await calling
    expect(JSON.stringify(content)).toMatch(/\[cancelled · /)
    await until(() => state().innerText()).toBe('■ stopped')
    expect((await lines())[0]).toBe('before')
    await until(() => chat.view.getByRole('button', { name: 'Stop' }).count()).toBe(0)
  })

  test('a failure has its error, its lines, its picture and its files, and leads to its page', async () => {
    const gate = gateOf(server)
    const code = [
      'import base64, sys',
      'print("out", flush=True)',
      `open("${revision}.png", "wb").write(base64.b64decode("${PNG}"))`,
      'for i in range(101): print(f"\\r{i} %", end="", flush=True)',
      'print(flush=True)',
      gate.wait, // the order of the two streams is that of their coming
      'print("err", file=sys.stderr)',
      `open("${revision}.csv", "w").write("a,b\\n1,2\\n")`,
      'raise ValueError("no such thing")',
    ].join('\n')
    const calling = chat.call('run_python', { code, description: 'fails' })
    await until(lines).toEqual(['out', '100 %'])
    await gate.open()
    const { content } = await calling
    await until(() => state().innerText()).toBe('✗ failed')
    await until(async () => (await lines()).at(-1)).toBe('ValueError: no such thing')
    expect((await lines()).slice(0, 3)).toEqual(['out', '100 %', 'err'])
    // As short as in the text for the model, whose paths come with the steps.
    expect((await lines()).filter((line) => line.includes('File "'))).toEqual(['  File "main.py", line 9, in <module>'])
    await until(() => log().locator('.stderr').first().textContent()).toBe('err\n')
    await until(() => chat.view.locator('#problem').innerText()).toMatch(/^ValueError: no such thing \(line 9\)\n/)
    await until(() => chat.view.locator('#problem pre').innerText()).toContain(
      '> 9 | raise ValueError("no such thing")',
    )
    const picture = chat.view.getByRole('img', { name: 'Picture 1 of the run' })
    await until(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(1)
    await until(() => chat.view.locator('#files').innerText()).toBe(
      `${revision}.csv (created, 8 bytes)\n${revision}.png (created, 70 bytes)`,
    )
    await chat.view.getByText(`${revision}.csv`, { exact: true }).click()
    await until(() => chat.view.locator('#texts pre').innerText()).toBe('a,b\n1,2')
    await chat.view.getByRole('button', { name: 'Open in browser' }).click()
    const [, id] = /(r_[0-9a-f]{16})\]/.exec(JSON.stringify(content))!
    await until(() => chat.opened).toEqual([`${server.origin}/app/runs/${id}`])
    expect(chat.complaints).toEqual([])
  })

  test('a run in the background goes on in the view to its end, with its picture', async () => {
    const code = `import base64, time\ntime.sleep(1)\nprint("later", flush=True)\nopen("later.png", "wb").write(base64.b64decode("${PNG}"))`
    const { content } = await chat.call('run_python', { code, background: true })
    expect(JSON.stringify(content)).toMatch(/\[running · /)
    await log().getByText('later').waitFor()
    await until(() => state().innerText()).toBe('✓ succeeded')
    await chat.view.getByRole('img', { name: 'Picture 1 of the run' }).waitFor()
    await until(lines).toEqual(['later'])
  })

  test('a program that is run again shows each of its runs', async () => {
    const code = [
      'import os, time',
      'new = not os.path.exists("tried")',
      'print("new" if new else "again")',
      'if new:',
      '  open("tried", "w").close()',
      '  time.sleep(0.5)',
      '  raise ConnectionResetError("reset")',
      'os.remove("tried")',
    ].join('\n')
    await chat.call('run_with_retry', { code })
    await until(() => state().innerText()).toBe('✓ succeeded')
    await until(async () => (await lines()).at(-1)).toBe('again')
    const shown = await lines()
    expect(shown[0]).toBe('new')
    expect(shown.slice(-2)).toEqual([expect.stringMatching(/^\[Run again: r_[0-9a-f]{16}\]$/), 'again'])
  })

  test('a chat that is opened again is drawn from the result, and asks for nothing', async () => {
    const args = {
      code: `open("${revision}.empty", "wb").write(b"")\nprint("kept")\nprint("x" * 3)`,
      description: 'of yesterday',
    }
    const result = await client.callTool({ name: 'run_python', arguments: args })
    await chat.reopen(args, result)
    await until(lines).toEqual(['kept', 'xxx'])
    await until(() => state().innerText()).toBe('✓ succeeded')
    await until(() => chat.view.locator('#files').innerText()).toBe(`${revision}.empty (created, 0 bytes)`)
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(chat.calls).toEqual([])
    // A host may keep no more than what its model got.
    await chat.reopen(args, { content: result.content })
    await until(lines).toEqual(['kept', 'xxx'])
    await until(() => state().innerText()).toBe('✓ succeeded')
    await chat.reopen(args, { isError: true, content: [{ type: 'text', text: 'Busy. Next: wait.' }] })
    await until(() => chat.view.locator('#problem').innerText()).toBe('Busy. Next: wait.')
    await until(() => state().innerText()).toBe('✗ failed')
    // The result was of a run that went on, and is forgotten.
    const outcome = { run_id: 'r_0123456789abcdef', status: 'running', stdout: 'so far\n' }
    await chat.reopen(args, { content: [{ type: 'text', text: '' }], _meta: { 'codemode/data': outcome } })
    await until(lines).toEqual(['so far'])
    await until(polls).toBe(1)
    expect(chat.complaints).toEqual([])
  })

  test('nothing is asked for while the view is out of sight', async () => {
    const gate = gateOf(server)
    const calling = chat.call('run_python', {
      code: [
        'import time',
        'i = 0',
        `while not ${gate.isOpen}:`,
        '  print(i, flush=True)',
        '  i += 1',
        '  time.sleep(0.1)',
        'print("end")',
      ].join('\n'),
    })
    await chat.view.locator('#time', { hasText: /^[1-9]\d* s$/ }).waitFor()
    await chat.page.evaluate(() => {
      const above = document.createElement('div')
      above.style.height = '3000px'
      document.body.prepend(above)
    })
    await quiet()
    const asked = polls()
    await gate.open()
    await calling
    expect(polls()).toBe(asked)
    await chat.page.evaluate(() => document.body.firstElementChild!.remove())
    await until(async () => (await lines()).at(-1)).toBe('end')
    const shown = await lines()
    expect(shown.slice(0, -1)).toEqual(Array.from({ length: shown.length - 1 }, (_, i) => String(i)))
  })

  test('where the host refuses a second call, the view asks each second, and shows what it gets', async () => {
    let refused = 0
    chat.instead = (name) => {
      if (name === 'run_log' && ++refused <= 2) throw new Error('one call at a time')
    }
    const gate = gateOf(server)
    const calling = chat.call('run_python', { code: `print("early", flush=True)\n${gate.wait}\nprint("end")` })
    await log().getByText('early').waitFor()
    expect(chat.calls.slice(0, 3).map(({ arguments: { wait_ms } }) => wait_ms)).toEqual([12_000, 0, 0])
    chat.instead = () => {
      throw new Error('one call at a time')
    }
    await gate.open()
    await calling
    await until(lines).toEqual(['early', 'end'])
    await until(() => state().innerText()).toBe('✓ succeeded')
  })

  test('the host gives its colours, light and dark', async () => {
    const args = { code: 'print(1)' }
    const result = await client.callTool({ name: 'run_python', arguments: args })
    const colours = () =>
      chat.view
        .locator('main')
        .evaluate((main) => [getComputedStyle(main).backgroundColor, getComputedStyle(main).color])
    await chat.reopen(args, result, { theme: 'dark' })
    await until(colours).toEqual(['rgb(19, 21, 24)', 'rgb(232, 234, 237)'])
    const variables = { '--color-background-primary': 'light-dark(#fffffe, #000001)' }
    await chat.tell('context', { theme: 'dark', styles: { variables } })
    await until(colours).toEqual(['rgb(0, 0, 1)', 'rgb(232, 234, 237)'])
    await chat.tell('context', { theme: 'light', styles: { variables } })
    await until(colours).toEqual(['rgb(255, 255, 254)', 'rgb(27, 29, 32)'])
  })

  test('a long output stands with its end, and whole after a press', async () => {
    const args = { code: 'for i in range(1000): print("line", i)' }
    await chat.call('run_python', args)
    await until(async () => (await lines()).at(-1)).toBe('line 999')
    const box = async () => (await log().boundingBox())!.height
    expect(await box()).toBeLessThan(400)
    await chat.view.getByRole('button', { name: 'Show all lines' }).click()
    await until(box).toBeGreaterThan(10_000)
    await until(async () => (await chat.page.locator('iframe').boundingBox())!.height).toBeGreaterThan(10_000)
    expect(await lines()).toHaveLength(1000)
  })

  test('the view is for clients that show views; the others are told what they always were', async () => {
    const plain = await connectHost(server, mode, {})
    try {
      const [{ tools: others }, { tools }] = [await plain.listTools(), await client.listTools()]
      const untold = tools.flatMap(({ _meta, ...tool }) => (tool.name === 'run_log' ? [] : [tool]))
      expect(untold).toEqual(others)
      expect(tools.filter(({ _meta }) => _meta !== undefined).map(({ name }) => name)).toEqual([
        'run_python',
        'run_python_stream',
        'run_with_retry',
        'run_log',
      ])
      const { uri, mimeType, meta } = await viewOf(client)
      expect([uri, mimeType, meta]).toEqual([
        'ui://codemode/run.html',
        'text/html;profile=mcp-app',
        { ui: { prefersBorder: true } },
      ])
      const { resources } = await client.listResources()
      expect(resources.map(({ uri }) => uri)).toContain(uri)
      expect((await plain.listResources()).resources.map(({ uri }) => uri)).not.toContain(uri)
      await expect(plain.readResource({ uri })).rejects.toThrow()
      await expect(plain.callTool({ name: 'run_log', arguments: {} })).rejects.toThrow()
    } finally {
      await plain.close()
    }
  })

  test('an address that chooses tools leaves the view what it needs, and no view without a program', async () => {
    const [one, none] = await Promise.all(
      ['?tools=run_python', '?tools=get_learnings'].map((query) => connectHost(server, mode, UI, query)),
    )
    try {
      expect((await one!.listTools()).tools.map(({ name, _meta }) => [name, _meta])).toEqual([
        ['run_python', { ui: { resourceUri: 'ui://codemode/run.html' }, 'ui/resourceUri': 'ui://codemode/run.html' }],
        ['run_log', { ui: { visibility: ['app'] } }],
        ['runs', { ui: { visibility: ['app'] } }],
      ])
      expect((await none!.listTools()).tools.map(({ name }) => name)).toEqual(['get_learnings'])
    } finally {
      await Promise.all([one!.close(), none!.close()])
    }
  })
})
