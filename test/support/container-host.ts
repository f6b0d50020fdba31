/**
 * Stands in for the machine on which the platform runs containers. A container is its real command, the supervisor with the real runner,
 * as processes with a folder of their own; the faked `ctx.container` inside workerd drives it over loopback.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startPackageIndex } from './package-index.ts'
import { commandOf, descendantsOf, isAlive, processesOf } from './processes.ts'
import { ContainerNetwork, greet, INDEX, INDEX_HOSTS, internet } from './container-network.ts'
import { testPython } from './python.ts'
import { freePort } from './reachable.ts'

const SUPERVISOR = fileURLToPath(new URL('../../container/supervise.sh', import.meta.url))

/** Ends its command when this process has gone, however that came: then its input ends. */
const WITH_INPUT = ['-c', '"$@" & command=$!; cat > /dev/null; kill -TERM "$command"; wait "$command"', 'sh']

interface HostedContainer {
  process: ChildProcess
  port: number
  folder: string
  ended: Promise<void>
}

export interface ContainerHost extends AsyncDisposable {
  url: string
}

/** What programs in a container can install. */
const WHEELS = [{ name: 'demo', version: '1.0', modules: { 'demo.py': "VERSION = '1.0'\n" } }]

/** What can be asked for at `/<action>/<id>`; every one answers JSON. */
type Action = (id: string, body: string) => Promise<unknown>

export async function startContainerHost(): Promise<ContainerHost> {
  const containers = new Map<string, HostedContainer>()
  const index = await startPackageIndex(WHEELS)
  const networks = new Map<string, ContainerNetwork>()
  const networkOf = (id: string) => {
    const network = networks.get(id) ?? new ContainerNetwork()
    networks.set(id, network)
    return network
  }
  const python = await testPython()
  /** What a container has in its environment by itself. */
  const image = {
    PATH: [dirname(python), process.env['PATH']].join(delimiter),
    PYTHONDONTWRITEBYTECODE: '1',
    ...index.env,
  }

  /** Ends every process as a power cut does; the disk goes with them. */
  async function destroy({ folder, ended }: HostedContainer): Promise<void> {
    for (let left = processesOf(folder); left.length > 0; left = processesOf(folder)) {
      for (const { pid } of left) {
        try {
          process.kill(pid, 'SIGKILL')
        } catch {
          // it has ended by itself
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    await ended
  }

  const actions: Record<string, Action> = {
    /** The body: `environment`; `leaveS`, for how long it goes on when it is told to end; `internet`, whether it has it; `network`, whether it gets one of its own. */
    async start(id, body) {
      const { environment, leaveS, internet, network: isOwn, packageHosts, forgets } = JSON.parse(body)
      // The SDK's server waits for it, and gives up.
      if (isOwn && environment.SANDBOX_INTERCEPT_HTTPS && !networkOf(id).hasCertificate)
        throw new Error('no certificate')
      if (forgets) networkOf(id).end()
      const folder = await mkdtemp(join(tmpdir(), 'container-'))
      const port = await freePort()
      const hosts = join(folder, 'package-hosts.txt')
      await writeFile(hosts, packageHosts === false ? '' : INDEX_HOSTS)
      const options = ['--package-hosts', hosts, '--leave-s', String(leaveS)]
      const runner = ['--port', String(port), '--root', join(folder, 'root'), ...options]
      const network = isOwn ? await networkOf(id).start(folder, port, internet, python) : { port, command: [] }
      const own = isOwn && { ...INDEX, ...(environment.SANDBOX_INTERCEPT_HTTPS && ContainerNetwork.trust()) }
      const child = spawn('sh', [...WITH_INPUT, ...network.command, SUPERVISOR, ...runner], {
        env: { ...image, ...own, HOME: folder, ...environment },
        stdio: ['pipe', 'ignore', 'ignore'],
      })
      const ended = once(child, 'exit').then(async () => {
        if (containers.get(id)?.process === child) containers.delete(id)
        networks.get(id)?.end()
        await rm(folder, { recursive: true, force: true, maxRetries: 5 })
      })
      containers.set(id, { process: child, port: network.port, folder, ended })
      return { port: network.port }
    },
    /** The body: what the container's object wants led through it. */
    async intercept(id, rule) {
      networkOf(id).intercept(rule)
      return {}
    },
    async ended(id) {
      await containers.get(id)?.ended
      return {}
    },
    async destroy(id) {
      const container = containers.get(id)
      if (container !== undefined) await destroy(container)
      return {}
    },
    /** Tells it to end (SIGTERM), as the platform does when it is to be replaced. */
    async stop(id) {
      containers.get(id)?.process.stdin!.end()
      return {}
    },
    /** The body: a signal for the runner, of which the supervisor hears nothing. */
    async runner(id, signal) {
      const pid = containers.get(id)?.process.pid
      const runner = pid && descendantsOf(pid).find((pid) => commandOf(pid).includes('-m runner'))
      if (runner) process.kill(runner, signal)
      return {}
    },
    /** Stops all that is in it, as a paused container is. */
    async freeze(id) {
      const container = containers.get(id)
      for (const { pid } of container ? processesOf(container.folder) : []) {
        try {
          process.kill(pid, 'SIGSTOP')
        } catch {
          // it has ended by itself
        }
      }
      return {}
    },
    /** Whether its port is open. */
    async listening(id) {
      const socket = connect(containers.get(id)?.port ?? 0, '127.0.0.1')
      const open = await once(socket, 'connect').then(
        () => true,
        () => false, // refused: nothing listens there
      )
      socket.destroy()
      return open
    },
    /** Its files and processes, as it is now; null when there is none. */
    async look(id) {
      const container = containers.get(id)
      if (container === undefined) return null
      const files = await readdir(container.folder, { recursive: true })
      const processes = descendantsOf(container.process.pid!).filter(isAlive)
      return { files, commands: processes.map(commandOf) }
    },
  }

  const server = createServer((request, response) => {
    const [, action = '', id = '', third = '', ...rest] = request.url!.split('/')
    if (action === 'internet') {
      internet(id, third, `/${rest.join('/')}`, 'through the Worker', response)
      return
    }
    if (action === 'led') {
      const gone = new AbortController()
      response.on('close', () => gone.abort())
      void networkOf(id)
        .next(gone.signal)
        .then((led) => response.end(JSON.stringify(led)))
      return
    }
    if (action === 'answered') {
      void bytesOf(request).then((body) => {
        networkOf(id).answer(Number(third), JSON.parse(String(request.headers['x-answer'])), body)
        response.end('{}')
      })
      return
    }
    textOf(request)
      .then((body) => actions[action]!(id, body))
      .then((answer) => response.end(JSON.stringify(answer)))
      .catch((error: unknown) => response.writeHead(500).end(String(error)))
  }).listen(0, '127.0.0.1')
  server.on('upgrade', (request, socket) => {
    const [, , scheme, host = '', ...path] = request.url!.split('/')
    greet(request, socket, `hello from ${scheme}://${host}/${path.join('/')}`)
  })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  return {
    url,
    async [Symbol.asyncDispose]() {
      ContainerNetwork.forgetCertificate()
      await Promise.all([...containers.values()].map(destroy))
      await index[Symbol.asyncDispose]()
      server.closeAllConnections()
      server.close()
    },
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  return (await bytesOf(request)).toString()
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(request))
}
