/** Who sends too much, or to the wrong place, is told so in words: a connection that is reset in mid-sending says nothing. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type DevServer, startDevServer } from '../support/dev-server.ts'

const MB = 1000 ** 2
const CHUNK = Buffer.alloc(MB, 'x')

let server: DevServer
beforeAll(async () => {
  server = await startDevServer()
  const headers = { authorization: `Bearer ${server.token}` }
  expect((await fetch(`${server.origin}/files/a-folder/file`, { method: 'PUT', headers, body: 'x' })).status).toBe(200)
}, 180_000)
afterAll(() => server?.stop())

interface Sent {
  chunked?: boolean
  type?: string
  authorization?: string
  range?: string
}

/**
 * Sends so many megabytes of nothing in particular, and only then looks for the answer, as curl and Python do: a connection that is reset
 * before is an error. `text`: everything behind the headers.
 */
async function send(
  method: string,
  path: string,
  megabytes: number,
  { chunked, type, authorization, range }: Sent = {},
): Promise<{ status: number; text: string }> {
  const { host, hostname, port } = new URL(server.origin)
  const socket = connect({ host: hostname, port: Number(port) })
  const answer: Buffer[] = []
  socket.on('data', (piece: Buffer) => answer.push(piece))
  const write = promisify<string | Buffer, void>(socket.write.bind(socket))
  const head = [
    `${method} ${path} HTTP/1.1`,
    `host: ${host}`,
    `authorization: ${authorization ?? `Bearer ${server.token}`}`,
    `content-type: ${type ?? 'application/json'}`,
    ...(range === undefined ? [] : [`content-range: ${range}`]),
    chunked === true ? 'transfer-encoding: chunked' : `content-length: ${megabytes * MB}`,
    'connection: close',
  ]
  await write(`${head.join('\r\n')}\r\n\r\n`)
  for (let sent = 0; sent < megabytes; sent++) {
    if (chunked === true) await write(`${MB.toString(16)}\r\n`)
    await write(CHUNK)
    if (chunked === true) await write('\r\n')
  }
  if (chunked === true) await write('0\r\n\r\n')
  await once(socket, 'close')
  const said = Buffer.concat(answer).toString()
  return { status: Number(said.split(' ', 2)[1]), text: said.slice(said.indexOf('\r\n\r\n')) }
}

test.each<[string, string, number, Sent, number]>([
  ['PUT', '/files/big.bin', 101, {}, 413],
  ['PUT', '/files/big.bin', 101, { chunked: true }, 411],
  ['PUT', '/files/..%2fbig.bin', 20, {}, 400],
  ['PUT', '/files/big.bin?upload=not-begun', 50, { range: 'bytes 50000000-99999999/100000000' }, 409],
  ['PUT', '/files/a-folder', 50, {}, 400],
  ['PUT', '/nothing', 20, {}, 404],
  ['POST', '/mcp', 20, {}, 413],
  ['POST', '/mcp', 20, { chunked: true }, 413],
  ['POST', '/runs', 20, { chunked: true }, 413],
  ['POST', '/learnings/import', 20, { type: 'text/plain' }, 415],
  ['POST', '/oauth/register', 20, {}, 413],
  ['POST', '/oauth/token', 20, { chunked: true, type: 'application/x-www-form-urlencoded' }, 413],
])('%s %s of %d MB, %j: %d', async (method, path, megabytes, how, status) => {
  const answer = await send(method, path, megabytes, how)
  expect([answer.status, answer.text]).toEqual([status, expect.stringMatching(/Next: |; give another path/)])
})

test('an upload with a wrong token is refused for that', async () => {
  expect(await send('PUT', '/files/big.bin', 101, { authorization: 'Bearer wrong' })).toMatchObject({ status: 401 })
})
