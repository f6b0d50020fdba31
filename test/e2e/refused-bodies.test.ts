/** Who sends too much, or to the wrong place, is told so in words: a connection that is reset in mid-sending says nothing. */
import { request } from 'node:http'
import { Readable } from 'node:stream'
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

/** Sends so many megabytes of nothing in particular, and only then looks for the answer, as curl and Python do. */
async function send(
  method: string,
  path: string,
  megabytes: number,
  { chunked, type, authorization, range }: Sent = {},
) {
  const headers = {
    authorization: authorization ?? `Bearer ${server.token}`,
    'content-type': type ?? 'application/json',
    ...(range !== undefined && { 'content-range': range }),
    ...(chunked !== true && { 'content-length': megabytes * MB }),
  }
  const outgoing = request(server.origin + path, { method, headers, agent: false })
  const answered = new Promise<{ status: number; text: string }>((resolve, reject) => {
    outgoing.once('error', reject)
    outgoing.once('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.once('error', reject)
      response.once('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }))
    })
  })
  Readable.from(Array.from({ length: megabytes }, () => CHUNK)).pipe(outgoing)
  return answered
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
  expect([answer.status, answer.text]).toEqual([status, expect.stringMatching(/Next: |cannot write 'a-folder': /)])
})

test('an upload with a wrong token is refused for that', async () => {
  expect(await send('PUT', '/files/big.bin', 101, { authorization: 'Bearer wrong' })).toMatchObject({ status: 401 })
})
