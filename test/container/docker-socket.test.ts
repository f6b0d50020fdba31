/** What the Workers runtime asks of Docker, as it arrives there. The runtime's part is played by requests, Docker's by a server. */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDockerSocket } from '../../container/commands/dev/docker-socket.ts'

let folder: string
let docker: Server
let ask: (method: string, path: string, body?: string) => Promise<{ status?: number; body: string }>
let answer: (asked: IncomingMessage & { text: string }, response: ServerResponse) => void

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docker-'))
  docker = createServer((asked, response) => {
    void text(asked).then((body) => answer(Object.assign(asked, { text: body }), response))
  })
  docker.listen(join(folder, 'real.sock'))
  await once(docker, 'listening')
  const address = await openDockerSocket(`unix://${folder}/real.sock`, { 'mcp-code-mode.server': 'abc' })
  ask = async (method, path, body) => {
    const asked = request({ socketPath: new URL(address).pathname, method, path, agent: false })
    asked.end(body)
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    return { status: response.statusCode!, body: await text(response) }
  }
})
afterEach(async () => {
  docker.closeAllConnections()
  docker.close()
  await rm(folder, { recursive: true })
})

const echo: typeof answer = ({ method, url, text: body }, response) => {
  response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify({ method, url, body }))
}

/** What Docker gets when this is asked of it. */
async function arrived(method: string, path: string, body?: string) {
  answer = echo
  const got = await ask(method, path, body)
  expect(got.status).toBe(201)
  return JSON.parse(got.body) as { method: string; url: string; body: string }
}

test('ports of a container are published on the loopback alone, and it has the label', async () => {
  const asked = {
    Image: 'sidecar',
    Cmd: ['--a'],
    Labels: { 'dev.workerd.session': 'x' },
    ExposedPorts: { '39001/tcp': {} },
    HostConfig: { PublishAllPorts: true, NetworkMode: 'bridge', CapAdd: ['NET_ADMIN'] },
  }
  const { url, body } = await arrived('POST', '/containers/create?name=one', JSON.stringify(asked))
  expect(url).toBe('/containers/create?name=one')
  expect(JSON.parse(body)).toEqual({
    Image: 'sidecar',
    Cmd: ['--a'],
    Labels: { 'dev.workerd.session': 'x', 'mcp-code-mode.server': 'abc' },
    ExposedPorts: { '39001/tcp': {} },
    HostConfig: {
      NetworkMode: 'bridge',
      CapAdd: ['NET_ADMIN'],
      PortBindings: { '39001/tcp': [{ HostPort: '', HostIp: '127.0.0.1' }] },
    },
  })
})

test('a port that is asked for by number, on all addresses, is published on the loopback', async () => {
  const bindings = { '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '8080' }], '81/tcp': null }
  const asked = { Image: 'x', HostConfig: { PublishAllPorts: false, PortBindings: bindings } }
  const { body } = await arrived('POST', '/v1.41/containers/create', JSON.stringify(asked))
  expect(JSON.parse(body)).toMatchObject({
    HostConfig: { PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '8080' }], '81/tcp': [] } },
  })
})

test('everything else arrives as it is', async () => {
  expect(await arrived('PUT', '/containers/one/archive?path=/', 'bytes ÿ')).toEqual({
    method: 'PUT',
    url: '/containers/one/archive?path=/',
    body: 'bytes ÿ',
  })
  expect(await arrived('POST', '/containers/one/start')).toMatchObject({ url: '/containers/one/start', body: '' })
})

test('an answer comes in the pieces in which it is given', async () => {
  let finish = () => {}
  answer = (_, response) => {
    response.write('first')
    finish = () => response.end(' last')
  }
  const { pathname } = new URL(await openDockerSocket(`unix://${folder}/real.sock`, {}))
  const asked = request({ socketPath: pathname, method: 'POST', path: '/containers/one/wait', agent: false })
  asked.end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  expect(String((await once(response, 'data'))[0])).toBe('first')
  finish()
  expect(await text(response)).toBe(' last')
})

test('a Docker that has ended is an error in its own form', async () => {
  docker.close()
  const { status, body } = await ask('GET', '/info')
  expect(status).toBe(502)
  expect(JSON.parse(body)).toEqual({ message: expect.stringMatching(/ENOENT|ECONNREFUSED/) })
})

test('an address that is no socket is refused with the next step', async () => {
  await expect(openDockerSocket('ssh://host', {})).rejects.toThrow(
    /^Docker at ssh:\/\/host cannot be used here\. Next: set DOCKER_HOST/,
  )
})
