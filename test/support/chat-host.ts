/** A chat host in a real browser: calls tools as a model does, and shows the views of the server as MCP Apps has it. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import type { Browser, FrameLocator, Page } from 'playwright-core'
import { bundled } from '../../container/commands/build-pages.ts'

type Args = Record<string, unknown>
type Result = Awaited<ReturnType<Client['callTool']>>

/** What a document gets that asks for nothing more (MCP Apps, 2026-01-26). */
const DEFAULT_CSP =
  "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; media-src 'self' data:; connect-src 'none'"

/**
 * The outer frame: of another origin than the host, it hands messages on. Told `together`, it keeps the next call until its result is there:
 * the frames may have processes of their own, and a busy machine would let time pass between the two.
 */
const SANDBOX = `<!doctype html><style>html, body { margin: 0; height: 100% } iframe { border: 0; width: 100%; height: 100%; display: block }</style>
<body><script>
const inner = document.createElement('iframe')
inner.setAttribute('sandbox', 'allow-scripts allow-same-origin')
document.body.append(inner)
let isTogether = false
let call
addEventListener('message', ({ source, data }) => {
  if (source === inner.contentWindow) return parent.postMessage(data, '*')
  if (source !== parent) return
  if (data.method === 'ui/notifications/sandbox-resource-ready') inner.srcdoc = data.params.html
  else if (data.method === 'together') isTogether = true
  else if (isTogether && data.method === 'ui/notifications/tool-input') call = data
  else {
    if (isTogether && data.method === 'ui/notifications/tool-result') {
      inner.contentWindow.postMessage(call, '*')
      isTogether = false
    }
    inner.contentWindow.postMessage(data, '*')
  }
})
parent.postMessage({ jsonrpc: '2.0', method: 'ui/notifications/sandbox-proxy-ready', params: {} }, '*')
</script>`

export const UI = { 'io.modelcontextprotocol/ui': { mimeTypes: ['text/html;profile=mcp-app'] } }

/** A client of a host with views, or with other extensions. */
export async function connectHost(
  { origin, token }: { origin: string; token: string },
  mode: 'legacy' | { pin: '2026-07-28' },
  extensions: Record<string, object> = UI,
  query = '',
): Promise<Client> {
  const client = new Client(
    { name: 'chat host', version: '1' },
    { versionNegotiation: { mode }, capabilities: { extensions: extensions as never } },
  )
  const requestInit = { headers: { authorization: `Bearer ${token}` } }
  await client.connect(new StreamableHTTPClientTransport(new URL(`${origin}/mcp${query}`), { requestInit }))
  return client
}

export interface Chat {
  page: Page
  /** The view of the newest call. */
  view: FrameLocator
  /** Calls of the view, in their order. */
  calls: { name: string; arguments: Args }[]
  /** How many of them have no answer yet. */
  waiting: number
  /** Addresses that the view opened. */
  opened: string[]
  /** What the browser complains of: refused scripts, failed requests, errors of a script. */
  complaints: string[]
  /** Set: answers calls of the view in the server's place, or refuses them by throwing. */
  instead: ((name: string) => void) | null
  /** Shows an empty view, as for a call that is being written. */
  open(context?: Args): Promise<void>
  /** Calls a tool as a model does, and shows it. */
  call(name: string, args: Args): Promise<Result>
  /** Shows a call of an earlier day. */
  reopen(args: Args, result: object, context?: Args): Promise<void>
  tell(what: 'partial' | 'input' | 'result' | 'context', params: object): Promise<void>
  close(): Promise<void>
}

export async function openChat(
  browser: Browser,
  client: Client,
  viewport = { width: 900, height: 900 },
): Promise<Chat> {
  const script = await bundled(fileURLToPath(new URL('chat-host/page.ts', import.meta.url)))
  const [host, sandbox] = await Promise.all([
    served(
      {
        '/': `<!doctype html><title>Chat</title><body><script type="module" src="/host.js"></script>`,
        '/host.js': script,
      },
      '',
    ),
    served({ '/': SANDBOX }, DEFAULT_CSP),
  ])
  const context = await browser.newContext({ viewport })
  const page = await context.newPage()
  const { html } = await viewOf(client)
  const chat: Chat = {
    page,
    view: page.frameLocator('body > iframe:first-of-type').frameLocator('iframe'),
    calls: [],
    waiting: 0,
    opened: [],
    complaints: [],
    instead: null,
    open: (hostContext = {}) =>
      page.evaluate(([html, at, context]) => window.chat.open(html, at, context), [
        html,
        sandbox.origin,
        hostContext,
      ] as const),
    async call(name, args) {
      await chat.open()
      await chat.tell('input', args)
      const result = await client.callTool({ name, arguments: args }, { timeout: 120_000 })
      await chat.tell('result', result)
      return result
    },
    async reopen(args, result, hostContext) {
      await chat.open(hostContext)
      await page.evaluate(([args, result]) => window.chat.both(args, result), [args, result] as const)
    },
    tell: (what, params) =>
      page.evaluate(([what, params]) => window.chat[what](params as Args) as Promise<void>, [what, params] as const),
    async close() {
      await context.close()
      await Promise.all([host.close(), sandbox.close()])
    },
  }
  page.on('pageerror', (error) => chat.complaints.push(error.message))
  page.on('console', (message) => message.type() === 'error' && chat.complaints.push(message.text()))
  await page.exposeFunction('callTool', async (params: { name: string; arguments: Args }) => {
    chat.calls.push(params)
    chat.instead?.(params.name)
    chat.waiting++
    return client.callTool(params, { timeout: 60_000 }).finally(() => chat.waiting--)
  })
  await page.exposeFunction('openLink', (url: string) => void chat.opened.push(url))
  await page.goto(host.origin)
  await page.waitForFunction(() => 'chat' in window)
  return chat
}

/** The view as a host finds it: by the tool, in the resource. */
export async function viewOf(client: Client): Promise<{ uri: string; html: string; mimeType: string; meta: unknown }> {
  const { tools } = await client.listTools()
  const { ui } = tools.find(({ name }) => name === 'run_python')!._meta as { ui: { resourceUri: string } }
  const { contents } = await client.readResource({ uri: ui.resourceUri })
  const { text, mimeType, _meta } = contents[0] as { text: string; mimeType: string; _meta: unknown }
  return { uri: ui.resourceUri, html: text, mimeType, meta: _meta }
}

async function served(
  files: Record<string, string>,
  csp: string,
): Promise<{ origin: string; close: () => Promise<void> }> {
  const server = createServer(({ url = '/' }, response) => {
    const body = files[url]
    const type = url.endsWith('.js') ? 'text/javascript' : 'text/html'
    response.writeHead(body === undefined ? 404 : 200, {
      'content-type': `${type}; charset=utf-8`,
      ...(csp !== '' && { 'content-security-policy': csp }),
    })
    response.end(body)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
