/**
 * The network of a container as the platform makes it: namespaces of the kernel, out of which nothing leads but what the sandbox object has
 * asked for and, if it was started so, an Internet that is played here. Names are resolved and TLS is ended as the platform does.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { BlockList, connect, createServer as createNetServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Duplex } from 'node:stream'
import { createSecureContext, TLSSocket } from 'node:tls'
import { fileURLToPath } from 'node:url'
import type { LedRequest } from './led-request.ts'
import { type Wheel, wheel, wheelName } from './wheel.ts'

const SCRIPT = fileURLToPath(new URL('container-network.py', import.meta.url))

/** Names and addresses that programs of the tests ask for over TLS. */
const CERTIFIED = [
  ...[
    'packages.test',
    '*.packages.test',
    '*.example.com',
    'example.com',
    'allowed.test',
    'metadata.google.internal',
  ].map((name) => `DNS:${name}`),
  ...['203.0.113.9', '10.0.0.1', '169.254.169.254'].map((address) => `IP:${address}`),
]

const WHEELS: Wheel[] = [
  { name: 'demo', version: '1.0', modules: { 'demo.py': 'VALUE = 42\n' }, requires: ['needed'] },
  { name: 'needed', version: '2.0', modules: { 'needed.py': '' } },
]
/** What makes pip and uv ask the index that is played here. */
export const INDEX = {
  PIP_INDEX_URL: 'https://packages.test/simple',
  UV_DEFAULT_INDEX: 'https://packages.test/simple',
  PIP_CONFIG_FILE: '/dev/null',
  UV_NO_CONFIG: '1',
  PIP_NO_CACHE_DIR: '1',
  UV_NO_CACHE: '1',
}
export const INDEX_HOSTS = 'packages.test\nfiles.packages.test\n'

/** Why such networks cannot be made here, or null. */
export function missingForNetworks(): string | null {
  try {
    execFileSync('openssl', ['version'])
    execFileSync('unshare', [
      '--net',
      '--mount',
      'sh',
      '-c',
      'ip link set lo up && ip route add local 0.0.0.0/0 dev lo',
    ])
    return null
  } catch (error) {
    return `namespaces of the network, ip and openssl are needed: ${String(error).split('\n')[0]}`
  }
}

interface Answer {
  status: number
  headers: [string, string][]
}

export class ContainerNetwork {
  /** What the sandbox object has asked for: `http *`, `https *`, `http 10.0.0.0/8`. */
  readonly #rules = new Set<string>()
  readonly #waiting = new Map<number, ServerResponse>()
  readonly #queue: LedRequest[] = []
  #wake: (() => void) | undefined
  #count = 0
  #internet = false
  readonly #http = createServer((request, response) => void this.#led(request, response))
  #servers: ReturnType<typeof createNetServer>[] = []
  static #tls: { key: Buffer; cert: Buffer; file: string } | undefined

  /** It is made when TLS is to be ended. */
  get hasCertificate(): boolean {
    return this.#rules.has('https *')
  }

  intercept(rule: string): void {
    this.#rules.add(rule)
  }

  /** The command that has the container's own run in it, and the port that leads to its own. */
  async start(folder: string, port: number, internet: boolean, python: string) {
    this.#internet = internet
    const egress = createNetServer({ allowHalfOpen: true }, (socket) => {
      this.#connected(socket).catch(() => socket.destroy()) // it said nothing
    })
    egress.listen(join(folder, 'egress.sock'))
    const ingress = createNetServer({ allowHalfOpen: true }, (socket) => {
      linked(socket, connect({ path: join(folder, 'port.sock'), allowHalfOpen: true }))
    }).listen(0, '127.0.0.1')
    this.#servers = [egress, ingress]
    await once(ingress, 'listening')
    const address = ingress.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    return {
      port: address.port,
      command: ['unshare', '--net', '--mount', python, SCRIPT, folder, String(port), internet ? '1' : '0'],
    }
  }

  /** What the SDK's server tells everything that it starts when the network is intercepted. */
  static trust(): Record<string, string> {
    const { file } = this.tls()
    const names = ['SSL_CERT_FILE', 'CURL_CA_BUNDLE', 'REQUESTS_CA_BUNDLE', 'GIT_SSL_CAINFO', 'NODE_EXTRA_CA_CERTS']
    return Object.fromEntries(names.map((name) => [name, file]))
  }

  /** Its container has ended: what was asked for goes with it. */
  end(): void {
    this.#rules.clear()
    for (const server of this.#servers) server.close()
  }

  /** The next request that is led through the object; null when none has come for a while. */
  async next(gone: AbortSignal): Promise<LedRequest | null> {
    if (this.#queue.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        setTimeout(resolve, 10_000).unref()
        gone.addEventListener('abort', () => resolve())
      })
    }
    return gone.aborted ? null : (this.#queue.shift() ?? null)
  }

  answer(n: number, { status, headers }: Answer, body: Buffer): void {
    const response = this.#waiting.get(n)
    this.#waiting.delete(n)
    response
      ?.writeHead(
        status,
        headers.filter(([name]) => !/^(transfer-encoding|content-length|connection)$/.test(name)).flat(),
      )
      .end(body)
  }

  async #led(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { rule, scheme } = request.socket as unknown as { rule: string; scheme: string }
    const n = ++this.#count
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const headers = Object.entries(request.headersDistinct).flatMap(([name, values = []]) =>
      values.map((value): [string, string] => [name, value]),
    )
    this.#waiting.set(n, response)
    const url = `${scheme}://${request.headers.host ?? 'nameless'}${request.url}`
    this.#queue.push({ n, rule, method: request.method!, url, headers, body: Buffer.concat(chunks).toString('base64') })
    this.#wake?.()
  }

  async #connected(socket: Socket): Promise<void> {
    socket.on('error', () => socket.destroy())
    const { line, first } = await firstLine(socket)
    const { address, port } = JSON.parse(line) as { address: string; port: number }
    const isTls = first[0] === 0x16
    const rule = isTls ? this.#find('https', '') : this.#find('http', address.replace(/^::ffff:(?=\d+\.)/, ''), port)
    socket.unshift(first)
    if (rule === undefined) {
      if (!this.#internet) socket.destroy()
      else this.#direct(socket, isTls, port)
      return
    }
    this.#http.emit(
      'connection',
      Object.assign(isTls ? ended(socket) : socket, { rule, scheme: isTls ? 'https' : 'http' }),
    )
  }

  /** The rule that says where it is led. Those for addresses hold for port 80. */
  #find(scheme: 'http' | 'https', address: string, port = 0): string | undefined {
    const rules = [...this.#rules].filter((rule) => rule.startsWith(`${scheme} `))
    return rules.find((rule) => {
      const [, range = ''] = rule.split(' ')
      return range === '*' || (port === 80 && isWithin(address, range))
    })
  }

  #direct(socket: Socket, isTls: boolean, port: number): void {
    if (port === 7777) {
      socket.pipe(socket)
      return
    }
    const served = isTls ? ended(socket) : socket
    createServer((request, response) => {
      internet(isTls ? 'https' : 'http', request.headers.host ?? '', request.url ?? '/', 'directly', response)
    }).emit('connection', served)
  }

  static forgetCertificate(): void {
    if (this.#tls !== undefined) rmSync(dirname(this.#tls.file), { recursive: true })
  }

  static tls() {
    this.#tls ??= makeCertificate()
    return this.#tls
  }
}

/** The Internet. It says how it was reached; some of its hosts are an index of packages, and one leads elsewhere. */
export function internet(scheme: string, host: string, path: string, via: string, response: ServerResponse): void {
  const project = /^\/simple\/([^/]+)\/$/.exec(path)?.[1]
  const found = WHEELS.filter(({ name }) => name === project)
  const file = WHEELS.find((each) => path === `/${wheelName(each)}`)
  if (host === 'packages.test' && found.length > 0) {
    const links = found.map((each) => `<a href="https://files.packages.test/${wheelName(each)}">${wheelName(each)}</a>`)
    response.setHeader('content-type', 'text/html').end(`<!DOCTYPE html><html><body>${links.join('')}</body></html>`)
  } else if (host === 'files.packages.test' && file !== undefined) response.end(wheel(file))
  else if (path === '/broken') response.destroy()
  else if (host.endsWith('packages.test')) response.writeHead(404).end()
  else if (host === 'leads-elsewhere.test') response.writeHead(302, { location: 'http://elsewhere.test/' }).end()
  else response.end(`reached ${via}: ${scheme}://${host}${path}\n`)
}

/** Takes up a WebSocket and says a short text. */
export function greet(request: IncomingMessage, socket: Duplex, text: string): void {
  const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`
  const accept = createHash('sha1').update(key).digest('base64')
  const lines = [
    'HTTP/1.1 101 Switching Protocols',
    'upgrade: websocket',
    'connection: Upgrade',
    `sec-websocket-accept: ${accept}`,
  ]
  socket.on('error', () => socket.destroy())
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  socket.write(Buffer.concat([Buffer.from([0x81, text.length]), Buffer.from(text)]))
}

function isWithin(address: string, range: string): boolean {
  const [base = '', bits = ''] = range.split('/')
  const family = base.includes(':') ? 'ipv6' : 'ipv4'
  if (address.includes(':') !== (family === 'ipv6')) return false
  const list = new BlockList()
  list.addSubnet(base, Number(bits), family)
  return list.check(address, family)
}

function ended(socket: Socket): TLSSocket {
  const { key, cert } = ContainerNetwork.tls()
  const tls = new TLSSocket(socket, { isServer: true, secureContext: createSecureContext({ key, cert }) })
  tls.on('error', () => tls.destroy())
  return tls
}

async function firstLine(socket: Socket): Promise<{ line: string; first: Buffer }> {
  let bytes = Buffer.alloc(0)
  // The first bytes say whether it is TLS; a client that waits for its server says nothing.
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    bytes = Buffer.concat([bytes, chunk as Buffer])
    const end = bytes.indexOf(10)
    if (end >= 0 && bytes.length > end + 1)
      return { line: bytes.subarray(0, end).toString(), first: bytes.subarray(end + 1) }
  }
  throw new Error('it said nothing')
}

function linked(one: Socket, other: Socket): void {
  one.pipe(other)
  other.pipe(one)
  one.on('error', () => other.destroy())
  other.on('error', () => one.destroy())
  one.on('close', () => other.destroy())
  other.on('close', () => one.destroy())
}

/** An authority of its own, and by it one certificate for every host of the tests. `file`: the authority's. */
function makeCertificate() {
  const folder = mkdtempSync(join(tmpdir(), 'certificate-'))
  const at = (name: string) => join(folder, name)
  const make = (name: string, ...extensions: string[]) => {
    const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
    const files = ['-subj', `/CN=${name}`, '-keyout', at(`${name}.key`), '-out', at(`${name}.crt`)]
    execFileSync('openssl', ['req', ...kind, ...files, ...extensions], { stdio: 'ignore' })
  }
  make('authority', '-addext', 'keyUsage=critical,keyCertSign')
  const names = ['-addext', `subjectAltName=${CERTIFIED.join(',')}`, '-addext', 'basicConstraints=critical,CA:FALSE']
  make('hosts', '-CA', at('authority.crt'), '-CAkey', at('authority.key'), ...names)
  return { key: readFileSync(at('hosts.key')), cert: readFileSync(at('hosts.crt')), file: at('authority.crt') }
}
