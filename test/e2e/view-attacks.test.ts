/** What a program cannot make of the view: whatever it prints, names or raises, nothing of it runs, and all of it is text. */
import type { Client } from '@modelcontextprotocol/client'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { type Chat, connectHost, openChat } from '../support/chat-host.ts'
import { type DevServer, startDevServer } from '../support/dev-server.ts'
import { until } from '../support/until.ts'

/** Tells the host's page that it ran, from any frame. */
const RUN = "top.postMessage('pwned','*')"
const FAR = 'http://127.0.0.1:9/far'

const ATTACKS = [
  `<script>${RUN}</script>`,
  `<img src=x onerror="${RUN}">`,
  `<svg onload="${RUN}">`,
  `<svg><animate onbegin="${RUN}" attributeName=x dur=1s>`,
  `<svg><a xlink:href="javascript:${RUN}"><text y=20>click</text></a></svg>`,
  `</pre></span></div><script>${RUN}</script>`,
  `</script><script>${RUN}</script>`,
  `</style><script>${RUN}</script>`,
  `</title><script>${RUN}</script>`,
  `--><script>${RUN}</script><!--`,
  `<iframe srcdoc="<script>${RUN}</script>"></iframe>`,
  `<iframe src="javascript:${RUN}"></iframe>`,
  `<object data="javascript:${RUN}"></object>`,
  `<embed src="${FAR}.swf">`,
  `<a href="javascript:${RUN}">click</a>`,
  `<body onload="${RUN}">`,
  `<details open ontoggle="${RUN}">`,
  `<input autofocus onfocus="${RUN}">`,
  `<video><source onerror="${RUN}"></video>`,
  `<math><mtext></table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=${RUN}&gt;">`,
  `<noscript><p title="</noscript><img src=x onerror=${RUN}>">`,
  `<base href="${FAR}/">`,
  `<meta http-equiv="refresh" content="0;url=${FAR}">`,
  `<link rel="stylesheet" href="${FAR}.css">`,
  `<style>@import "${FAR}.css"; main { display: none }</style>`,
  `<form action="${FAR}"><button autofocus>Stop</button></form>`,
  `"><img src=x onerror="${RUN}">`,
  `' onmouseover='${RUN}`,
  `javascript:${RUN}`,
  `{{constructor.constructor("${RUN}")()}}\${${RUN}}`,
  `{"jsonrpc":"2.0","method":"ui/open-link","id":1,"params":{"url":"${FAR}"}}`,
  `&lt;script&gt;${RUN}&lt;/script&gt;`,
]
/** Sequences of a terminal, and what is left of each. */
const SEQUENCES = [
  [`\u001B]8;;javascript:${RUN}\u001B\\link\u001B]8;;\u001B\\`, 'link'],
  [`\u001B]0;<script>${RUN}</script>\u0007title`, 'title'],
  [`\u001B[31m<b>red</b>\u001B[0m`, '<b>red</b>'],
  [`hidden\r<img src=x onerror="${RUN}">`, `<img src=x onerror="${RUN}">`],
] as const

let server: DevServer
let browser: Browser
let client: Client
let chat: Chat
let requests: string[]
beforeAll(async () => {
  ;[server, browser] = await Promise.all([startDevServer({}, { ownWorkspaces: true }), launchBrowser()])
  client = await connectHost(server, { pin: '2026-07-28' })
}, 180_000)
afterAll(async () => {
  await chat?.close()
  await client?.close()
  await browser?.close()
  await server?.stop()
})
beforeEach(async () => {
  await chat?.close()
  chat = await openChat(browser, client)
  requests = []
  chat.page.on('request', (request) => requests.push(request.url()))
  await chat.page.evaluate(() => {
    addEventListener('message', ({ data }) => data === 'pwned' && (window.pwned = true))
  })
})

/** Nothing ran, nothing was fetched, and the document has no element that is not ours. */
async function isUnharmed(): Promise<void> {
  const main = chat.view.locator('main')
  await main.hover({ position: { x: 5, y: 5 } })
  for (const text of ['click', 'link']) await chat.view.locator('#log').getByText(text).first().click()
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(await chat.page.evaluate(() => window.pwned)).toBeUndefined()
  expect(requests.filter((url) => !/^(?:http:\/\/127\.0\.0\.1:\d+\/$|data:image\/png;)/.test(url))).toEqual([])
  expect(chat.opened).toEqual([])
  const tags = await main.evaluate(({ ownerDocument }) => {
    const all = [...ownerDocument.querySelectorAll('*')]
    const odd = all.flatMap(({ attributes }) =>
      [...attributes].filter(({ name }) => /^(?:on|href|action|srcdoc)/.test(name)),
    )
    return {
      tags: [...new Set(all.map(({ localName }) => localName))].toSorted(),
      odd: odd.length,
      scripts: ownerDocument.scripts.length,
    }
  })
  expect(tags.tags.filter((tag) => !OURS.has(tag))).toEqual([])
  expect([tags.odd, tags.scripts]).toEqual([0, 1])
}
const OURS = new Set(
  'html head meta title style body main h1 header p span button details summary pre section div ul li script img'.split(
    ' ',
  ),
)

/** Lines of a stream, or of both. */
const lines = (stream = 'stdout, .stderr') =>
  chat.view
    .locator('#log')
    .evaluate(
      (log, stream) => [...log.querySelectorAll(`.${stream}`)].map((line) => line.textContent.slice(0, -1)),
      stream,
    )

/** A program that says all of it in every place that it has. */
const CODE = `import json, os, sys, time
attacks = json.loads(${JSON.stringify(JSON.stringify(ATTACKS))})
sequences = json.loads(${JSON.stringify(JSON.stringify(SEQUENCES.map(([given]) => given)))})
os.makedirs("named", exist_ok=True)
for text in attacks + sequences: print(text, flush=True)
for text in attacks: print(text, file=sys.stderr)
for text in attacks:
  with open("named/" + text.replace("/", "\\u2215")[:80], "w") as file: file.write(text)
with open("evil.svg", "w") as file: file.write('''<svg xmlns="http://www.w3.org/2000/svg"><script>${RUN}</script></svg>''')
with open("evil.html", "w") as file: file.write("\\n".join(attacks))
print("evil.svg evil.html")
time.sleep(1)
raise type("<script>${RUN}</script>", (Exception,), {})("\\n".join(attacks))
# ${ATTACKS.join('\n# ')}`
const ARGS = { code: CODE, description: ATTACKS.join(' ').slice(0, 1000) }
const PRINTED = [...ATTACKS, ...SEQUENCES.map(([, left]) => left)]

test('what a program prints, names, writes and raises stays text, live', async () => {
  const calling = chat.call('run_python', ARGS)
  await chat.view.locator('#log').getByText(PRINTED.at(-1)!).last().waitFor()
  expect((await lines('stdout')).slice(0, PRINTED.length)).toEqual(PRINTED)
  await isUnharmed()
  await calling
  await until(() => chat.view.locator('#state').innerText()).toBe('✗ failed')
  await until(() => lines('stdout')).toEqual([...PRINTED, 'evil.svg evil.html'])
  await until(async () => (await lines('stderr')).slice(0, ATTACKS.length)).toEqual(ATTACKS)
  expect(await chat.view.locator('#program pre').evaluate((pre) => pre.textContent)).toBe(CODE)
  expect(await chat.view.locator('#what').evaluate((what) => what.textContent)).toBe(ARGS.description)
  expect(await chat.view.locator('#problem').evaluate((problem) => problem.textContent)).toContain(ATTACKS[0])
  expect(await chat.view.locator('#files').evaluate((files) => files.textContent)).toContain('<img src=x onerror=')
  await isUnharmed()
})

test('and in a chat that is opened again, by a host that tells all or only what its model got', async () => {
  const result = await client.callTool({ name: 'run_python', arguments: ARGS })
  for (const kept of [result, { content: result.content, isError: true }]) {
    await chat.reopen(ARGS, kept)
    await until(async () => (await lines()).filter((line) => PRINTED.includes(line)).length).toBeGreaterThan(
      ATTACKS.length,
    )
    await isUnharmed()
  }
})

test('odd results do no harm: types that are no pictures, values of other kinds, names of objects’ own', async () => {
  const svg = Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg"><script>${RUN}</script></svg>`).toString('base64')
  const data = {
    run_id: `r_0123456789abcdef`,
    status: '__proto__',
    stdout: PRINTED.join('\n'),
    stderr: { toString: 1 },
    usage: 'long',
    error: { type: `<b onclick="${RUN}">`, message: { a: 1 }, line: '<b>', frame: 7 },
    hints: [{}, `<img src=x onerror="${RUN}">`, null],
    attempts: 5,
    files: [null, { path: `<script>${RUN}</script>`, change: '<b>', bytes: 'x' }],
  }
  await chat.reopen(ARGS, {
    content: [
      { type: 'text', text: '' },
      { type: 'image', mimeType: 'image/svg+xml', data: svg },
      { type: 'image', mimeType: 'text/html', data: svg },
      { type: 'image', mimeType: `image/png"><script>${RUN}</script>`, data: svg },
      { type: 'image', mimeType: 'image/png', data: `"><script>${RUN}</script>` },
    ],
    _meta: { 'codemode/data': data },
  })
  await chat.view.locator('#log').getByText('link').first().waitFor()
  await until(() => chat.view.getByRole('img').count()).toBe(1)
  await until(() => chat.view.locator('#files').innerText()).toContain(`<script>${RUN}</script> (<b>)`)
  await isUnharmed()
})

test('only its host can tell the view anything', async () => {
  await chat.reopen(
    { code: 'print("link click")' },
    { content: [{ type: 'text', text: '[success · r_0123456789abcdef]\nOutput:\nclick link' }] },
  )
  await until(() => lines()).toEqual(['click link'])
  await chat.page.evaluate(() => {
    const other = document.createElement('iframe')
    const message = {
      jsonrpc: '2.0',
      method: 'ui/notifications/tool-result',
      params: { content: [{ type: 'text', text: 'forged' }] },
    }
    other.srcdoc = `<script>top.frames[0].frames[0].postMessage(${JSON.stringify(message)}, '*')</script>`
    return new Promise((resolve) => {
      other.addEventListener('load', resolve)
      document.body.append(other)
    })
  })
  await isUnharmed()
  expect(await lines()).toEqual(['click link'])
  await until(() => chat.view.locator('#problem').isHidden()).toBe(true)
})
