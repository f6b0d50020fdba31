/**
 * Stands in for the machine on which the platform runs containers. A container is its real command, the supervisor with the real runner,
 * as processes with a folder of their own; the faked `ctx.container` inside workerd drives it over loopback.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startPackageIndex } from './package-index.ts'
import { commandOf, descendantsOf, isAlive, processesOf } from './processes.ts'
import { testPython } from './python.ts'

const SUPERVISOR = fileURLToPath(new URL('../../container/supervise.sh', import.meta.url))

/** Ends its command when this process has gone, however that came: then its input ends. */
const WITH_INPUT = ['-c', '"$@" & command=$!; cat > /dev/null; kill -TERM "$command"', 'sh']

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
  /** What a container has in its environment by itself. */
  const image = {
    PATH: [dirname(await testPython()), process.env['PATH']].join(delimiter),
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
    /** The body: its environment. */
    async start(id, env) {
      const folder = await mkdtemp(join(tmpdir(), 'container-'))
      const port = await freePort()
      const args = [...WITH_INPUT, SUPERVISOR, '--port', String(port), '--root', join(folder, 'root')]
      const child = spawn('sh', args, {
        env: { ...image, HOME: folder, ...JSON.parse(env) },
        stdio: ['pipe', 'ignore', 'ignore'],
      })
      const ended = once(child, 'exit').then(async () => {
        if (containers.get(id)?.process === child) containers.delete(id)
        await rm(folder, { recursive: true, force: true, maxRetries: 5 })
      })
      containers.set(id, { process: child, port, folder, ended })
      return { port }
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
    /** Asks it to end, as the platform does when it sleeps. */
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
    const [, action = '', id = ''] = request.url!.split('/')
    textOf(request)
      .then((body) => actions[action]!(id, body))
      .then((answer) => response.end(JSON.stringify(answer)))
      .catch((error: unknown) => response.writeHead(500).end(String(error)))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  return {
    url,
    async [Symbol.asyncDispose]() {
      await Promise.all([...containers.values()].map(destroy))
      await index[Symbol.asyncDispose]()
      server.closeAllConnections()
      server.close()
    },
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += chunk
  return text
}

async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}
