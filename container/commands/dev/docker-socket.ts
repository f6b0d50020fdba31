/**
 * The Docker that the Workers runtime talks to: the real one, with two words added to every container. Its ports are published on this
 * machine's loopback alone, as any client of them is root in the container; and it has a label, by which it is found again.
 */
import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type RequestOptions, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import * as z from 'zod'

const LOOPBACK = '127.0.0.1'

const createRequest = z.looseObject({
  Labels: z.record(z.string(), z.string()).optional(),
  ExposedPorts: z.record(z.string(), z.unknown()).optional(),
  HostConfig: z
    .looseObject({
      PublishAllPorts: z.boolean().optional(),
      PortBindings: z.record(z.string(), z.array(z.looseObject({})).nullable()).nullish(),
    })
    .optional(),
})

/**
 * Opens it until this process ends, in front of the Docker at an address as DOCKER_HOST has it. The umask decides who may reach it. Every
 * container gets these `labels`. Returns its own address.
 */
export async function openDockerSocket(address: string, labels: Record<string, string>): Promise<string> {
  const docker = optionsFor(address)
  const path = join(tmpdir(), `docker-${randomUUID()}.sock`)
  const server = createServer((incoming, outgoing) => {
    pass(docker, labels, incoming, outgoing).catch((error: Error) => {
      // An error in Docker's own form. An answer that has begun cannot be mended: its reader sees that it ends early.
      if (!outgoing.headersSent) outgoing.writeHead(502, { 'content-type': 'application/json' })
      outgoing.end(JSON.stringify({ message: error.message }))
    })
  })
  // A request that waits for a container's end is answered then.
  server.requestTimeout = 0
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve))
  server.unref()
  process.once('exit', () => rmSync(path, { force: true }))
  return `unix://${path}`
}

function optionsFor(address: string): RequestOptions {
  const { protocol, pathname, hostname, port } = new URL(address)
  if (protocol === 'unix:') return { socketPath: pathname }
  if (protocol === 'tcp:' || protocol === 'http:') return { host: hostname, port }
  throw new Error(
    `Docker at ${address} cannot be used here. Next: set DOCKER_HOST to its socket, as in unix:///var/run/docker.sock`,
  )
}

async function pass(
  docker: RequestOptions,
  labels: Record<string, string>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
) {
  const { method = 'GET', url: path = '/', headers } = incoming
  const isCreate = method === 'POST' && /^(\/v[\d.]+)?\/containers\/create(\?|$)/.test(path)
  const body = isCreate ? JSON.stringify(changed(JSON.parse(await text(incoming)), labels)) : null
  const length = body === null ? {} : { 'content-length': Buffer.byteLength(body) }
  const asked = request({ ...docker, agent: false, method, path, headers: { ...headers, ...length } })
  outgoing.once('close', () => asked.destroy())
  if (body === null) incoming.pipe(asked)
  else asked.end(body)
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    asked.once('response', resolve).once('error', reject)
  })
  outgoing.writeHead(answer.statusCode!, answer.headers)
  answer.once('error', () => outgoing.destroy()).pipe(outgoing)
}

function changed(given: unknown, labels: Record<string, string>): object {
  const { Labels, ExposedPorts = {}, HostConfig = {}, ...others } = createRequest.parse(given)
  const { PublishAllPorts = false, PortBindings, ...host } = HostConfig
  const asked = Object.entries({
    ...(PublishAllPorts && Object.fromEntries(Object.keys(ExposedPorts).map((port) => [port, [{ HostPort: '' }]]))),
    ...PortBindings,
  })
  return {
    ...others,
    Labels: { ...Labels, ...labels },
    ExposedPorts,
    HostConfig: {
      ...host,
      PortBindings: Object.fromEntries(
        asked.map(([port, bindings]) => [port, (bindings ?? []).map((binding) => ({ ...binding, HostIp: LOOPBACK }))]),
      ),
    },
  }
}
