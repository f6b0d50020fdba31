/** What a run made comes back: pictures, texts and links, as clients of both revisions see them. */
import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { connect as connectTo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CLIENTS, type TestClient } from '../support/clients.ts'
import { type DevServer, startDevServer } from '../support/dev-server.ts'
import { type PackageIndex, startPackageIndex } from '../support/package-index.ts'
import { pillowWheel, png } from '../support/pillow.ts'
import { program } from '../support/programs.ts'

const MATPLOTLIB = {
  'matplotlib/__init__.py': '',
  'matplotlib/pyplot.py': readFileSync(new URL('../fixtures/matplotlib/pyplot.py', import.meta.url), 'utf8'),
}
/** A picture that a program gets on standard input. */
const CHART = png({ width: 40, height: 30 }).toString('base64')

let index: PackageIndex
let server: DevServer
beforeAll(async () => {
  index = await startPackageIndex([pillowWheel()])
  server = await startDevServer(index.env)
}, 180_000)
afterAll(async () => {
  await server?.stop()
  await index?.[Symbol.asyncDispose]()
})

describe.each(Object.entries(CLIENTS))('%s', (_name, { connect }) => {
  let client: TestClient
  beforeAll(async () => {
    client = await connect(server.origin, server.token)
  })
  afterAll(() => client.close())

  /** Runs the program that makes a chart and a table in a folder of its own, and prints a line about them. */
  async function charts(line: string) {
    return client.run({ code: program('charts'), stdin: `${line}\n` })
  }

  test.each([
    'saved to my chart (1).png and data.csv',
    'saved to [my chart (1).png] and [data.csv]',
    'saved to "my chart (1).png" and \'data.csv\'',
    'saved to `my chart (1).png` and `data.csv`',
  ])('%s: the picture and the table come back in this order', async (line) => {
    const { content, outcome } = await charts(line)
    expect(outcome.omitted).toEqual([])
    expect(content.map(({ type }) => type)).toEqual(['text', 'image', 'text', 'resource_link'])
    expect(content[1]).toMatchObject({ mimeType: 'image/png' })
    expect(Buffer.from(content[1]!.data!, 'base64').length).toBeLessThanOrEqual(200_000)
    expect(Buffer.from(content[1]!.data!, 'base64').subarray(1, 4).toString()).toBe('PNG')
    expect(content[2]!.text).toBe('data.csv:\n```csv\na,b\n1,2\n```')
    expect(content[3]).toMatchObject({ name: 'model.bin', uri: 'codemode://files/model.bin', size: 3 })
    const url = outcome.files.find(({ path }) => path === 'data.csv')!.download_url!
    expect(await (await fetch(url)).text()).toBe('a,b\n1,2\n')
    expect((await fetch(url.replace('data.csv', 'model.bin'))).status).toBe(403)
    expect(outcome.files.map(({ path, kind }) => `${path} ${kind}`)).toEqual([
      'data.csv text',
      'model.bin resource',
      'my chart (1).png image',
    ])
    const receipt = JSON.parse(await client.read(`codemode://runs/${outcome.run_id}`))
    expect(receipt.outcome.files).toMatchObject([
      { path: 'data.csv', bytes: 8, mime: 'text/csv' },
      { path: 'model.bin', bytes: 3 },
      { path: 'my chart (1).png', bytes: expect.any(Number), mime: 'image/png' },
    ])
  })

  test('a figure that is only shown comes back as a picture', async () => {
    const code =
      'import base64\nimport matplotlib.pyplot as plt\nplt.figure().drawn = base64.b64decode(input())\nplt.show()'
    const { content, outcome } = await client.run({ code, stdin: CHART, files: MATPLOTLIB })
    expect(content.slice(1)).toEqual([{ type: 'image', mimeType: 'image/png', data: CHART }])
    expect(outcome.files.map(({ path }) => path)).toEqual([`.outputs/${outcome.run_id}/figure-1.png`])
  })

  test('a picture saved to /tmp comes back when its path is printed', async () => {
    const path = `/tmp/chart-${crypto.randomUUID()}.png`
    const code = `import base64\nopen("${path}", "wb").write(base64.b64decode(input()))`
    try {
      expect((await client.run({ code, stdin: CHART })).content).toHaveLength(1)
      const { content, outcome } = await client.run({ code: `${code}\nprint("${path}")`, stdin: CHART })
      expect(content.slice(1)).toEqual([{ type: 'image', mimeType: 'image/png', data: CHART }])
      expect(outcome.files).toMatchObject([{ path: `.outputs/${outcome.run_id}${path}`, change: 'created' }])
    } finally {
      await rm(path, { force: true })
    }
  })

  test('a file that either of two runs may have changed says so in both results', async () => {
    const stem = crypto.randomUUID()
    const meet = (names: string) => client.run({ code: program('meet'), stdin: `${stem} ${names}\n` })
    for (const { outcome } of await Promise.all([meet('one other'), meet('other one')])) {
      expect(outcome.status).toBe('success')
      expect(outcome.files).toContainEqual(expect.objectContaining({ path: `${stem}-both`, shared: true }))
    }
  })

  test('what the program did not make is not attached, nor are secrets', async () => {
    const { content, outcome } = await client.run({ code: program('name_foreign_files') })
    expect(outcome.status).toBe('success')
    expect(content).toHaveLength(1)
    expect(outcome.omitted).toEqual([{ path: '.env', reason: expect.stringContaining('secret') }])
  })

  test('the value of the last expression comes back as a picture and a document', async () => {
    const { content, outcome } = await client.run({ code: program('last_chart'), stdin: CHART, show_last: true })
    expect(content.map(({ type }) => type)).toEqual(['text', 'image', 'text'])
    expect(content[1]).toMatchObject({ mimeType: 'image/png', data: CHART })
    expect(content[2]!.text).toContain('<b>a chart</b>')
    const [html, picture] = ['html', 'png'].map((kind) => `.outputs/${outcome.run_id}/last.${kind}`)
    expect(outcome.stdout).toBe(`a chart\n[Chart: saved as ${picture} and ${html}]\n`)
    expect(outcome.files.map(({ path }) => path)).toEqual([html, picture])
    expect((await client.run({ code: program('last_chart'), stdin: CHART, show_last: false })).content).toHaveLength(1)
  })

  test('a picture beyond the budget is linked to without Pillow', async () => {
    const { content, outcome } = await client.run({ code: program('large_picture') })
    expect(content.map(({ type }) => type)).toEqual(['text', 'resource_link'])
    expect(outcome.omitted[0]!.reason).toContain('pip_install Pillow')
  })
})

test('with Pillow in the workspace it comes back smaller', async () => {
  const client = await CLIENTS['sdk v2, 2026-07-28']!.connect(server.origin, server.token)
  expect(await client.call('pip_install', { package_name: 'pillow' })).toMatchObject({ isError: false })
  const { content, outcome } = await client.run({ code: program('large_picture') })
  expect(outcome.omitted).toEqual([])
  expect(content.map(({ type }) => type)).toEqual(['text', 'image', 'resource_link'])
  expect(Buffer.from(content[1]!.data!, 'base64').length).toBeLessThanOrEqual(200_000)
  expect(content[2]!.size).toBeGreaterThan(200_000)
  await client.close()
})

test('an upload that is cut off says so, and leaves the file as it was', async () => {
  const url = `${server.origin}/files/kept.txt`
  const headers = { authorization: `Bearer ${server.token}` }
  const before = await fetch(url, { method: 'PUT', headers, body: 'as it was' })
  expect(await before.json()).toEqual({ path: 'kept.txt', bytes: 9 })
  const { hostname, port } = new URL(server.origin)
  const socket = connectTo({ host: hostname, port: Number(port), allowHalfOpen: true })
  const head = ['PUT /files/kept.txt HTTP/1.1', `host: ${hostname}:${port}`, `authorization: ${headers.authorization}`]
  // Its client says by the end of its half that nothing more comes, and still reads.
  socket.end([...head, 'content-length: 1000', '', 'only this'].join('\r\n'))
  const answer = await text(socket)
  expect(answer).toMatch(/^HTTP\/1\.1 400 /)
  expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toEqual({
    error:
      'The upload broke off before all of its 1000 bytes were here, so the file is as it was. Next: send it again.',
  })
  expect(await (await fetch(url, { headers })).text()).toBe('as it was')
  const empty = await fetch(url, { method: 'PUT', headers: { ...headers, 'content-length': '0' }, body: '' })
  expect(await empty.json()).toEqual({ path: 'kept.txt', bytes: 0 })
})
