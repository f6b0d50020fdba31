/** The Python runner as a real process of its own, on a random port with its own root folder and token. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, chown, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Runner } from '../../worker/run/contract/runner.ts'
import { runnerClient } from '../../worker/runner/client.ts'
import type { ExitEvent, RunEvent } from '../../worker/run/contract/protocol.ts'
import { testPython } from './python.ts'

const CONTAINER = fileURLToPath(new URL('../../container', import.meta.url))
const START_MS = 30_000
const STOP_MS = 15_000

/** Executes the rest in a user namespace below which the kernel grants no process namespace. The process id stays. */
const WITHOUT_NAMESPACES = [
  ...['unshare', '--user', '--map-root-user'],
  ...['sh', '-c', 'echo 0 > /proc/sys/user/max_pid_namespaces && exec "$@"', 'sh'],
]

/** Executes the rest as a runner that has to change to other users: root, without the right to make namespaces, as in most containers. Its /dev/shm is small. */
const WITHOUT_RIGHTS = [
  ...['unshare', '--mount', 'sh', '-c'],
  'mount -t tmpfs -o size=512m,mode=1777 tmpfs /dev/shm && exec setpriv --bounding-set -sys_admin --inh-caps -sys_admin "$@"',
  'sh',
]

export interface StartOptions {
  start?: 'plain' | 'fork' | 'auto'
  /** Seconds after which a fork server that nobody uses ends. */
  idleS?: number
  /** Temporary files that were not used for so long are removed. */
  tmpHours?: number
  /** A file, below the root folder, with the hosts that packages come from. */
  packageHosts?: string
  /** Fills the root folder before the start. */
  prepare?: (root: string) => Promise<void>
  /** `UID:GID` of the programs; needs root. */
  runAs?: string
  /** One folder in which the programs of every workspace work. */
  files?: string
  /** Paths at which programs find their working folder, too. */
  alsoAt?: string[]
  /** Added to a small environment of the runner, which has none of this process's variables but PATH and HOME. */
  env?: Record<string, string>
  /** Seconds for which it goes on after SIGTERM while something lives in it. */
  leaveS?: number
  /** Ends it with this process; default true, so that an interrupted test run leaves nothing behind. */
  exitWithStdin?: boolean
  /** The runner itself runs as this user; needs root. */
  user?: { uid: number; gid: number }
  /** Where no process namespace can be made, as in most containers. Linux only. */
  namespaces?: false
  /** In a container of this image, which sees this machine's processes, network and temporary folders. Linux and root only. */
  image?: string
}

export interface RunningRunner extends AsyncDisposable {
  url: string
  port: number
  token: string
  root: string
  pid: number
  client(workspace: string, quota?: number): Runner
  /** The first line on its stdout. */
  announced: unknown
  /** What it has written to stderr so far. */
  log(): string
  /** Ends its standard input. */
  endInput(): void
  /** Resolves when the process has ended, however that came. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  /** Ends the runner (TERM, then KILL) and removes its folder. */
  stop(): Promise<void>
}

/** Starts a runner and waits until its port is open. */
export async function startRunner(options: StartOptions = {}): Promise<RunningRunner> {
  const folder = await mkdtemp(join(tmpdir(), 'runner-'))
  await chmod(folder, 0o711) // programs may run as another user
  const root = join(folder, 'root')
  await mkdir(root)
  await options.prepare?.(root)
  const token = randomBytes(24).toString('hex')
  if (options.user !== undefined) await chown(root, options.user.uid, options.user.gid)
  const given = { PYTHONDONTWRITEBYTECODE: '1', ...options.env, RUNNER_TOKEN: token }
  const runner = ['-m', 'runner', '--port', '0', '--root', root, ...flags(options, root)]
  const [command, ...args] =
    options.image === undefined
      ? [...withoutNamespaces(options), await testPython(), ...runner]
      : [...inContainer(options.image, Object.keys(given)), ...runner]
  const child = spawn(command!, args, {
    ...options.user,
    cwd: CONTAINER,
    env: {
      ...(options.image === undefined ? { PATH: process.env['PATH'], HOME: process.env['HOME'] } : process.env),
      ...given,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const log: string[] = []
  child.stderr.setEncoding('utf8').on('data', (text: string) => log.push(text))
  child.stdin.on('error', () => {
    // the runner ended first: closing its input says nothing new to it
  })
  const ended = new Promise<Awaited<RunningRunner['ended']>>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }))
  })

  async function stop(): Promise<void> {
    child.kill('SIGTERM')
    const hard = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
    await ended
    clearTimeout(hard)
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }

  let announced: Listening
  try {
    announced = await listening(child, ended)
    if (options.image === undefined && announced.pid !== child.pid) throw new Error('another process is listening')
  } catch (cause) {
    await stop()
    throw new Error(`the runner did not start:\n${log.join('')}`, { cause })
  }
  const url = `http://127.0.0.1:${announced.port}`
  // Node forgets to abort a request that is collected meanwhile.
  const sent = new Set<Request>()
  const send = (request: Request) => fetch(sent.add(request) && request)
  return {
    url,
    port: announced.port,
    announced,
    token,
    root,
    pid: announced.pid,
    client: (workspace, quota) => runnerClient(send, url, token, workspace, quota),
    log: () => log.join(''),
    endInput: () => child.stdin.end(),
    ended,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

function withoutNamespaces({ namespaces, runAs }: StartOptions): string[] {
  if (namespaces !== false) return []
  return runAs === undefined ? WITHOUT_NAMESPACES : WITHOUT_RIGHTS
}

/** Executes the rest as the image's Python, with these variables of the environment. Its process ids are those of this machine. */
function inContainer(image: string, variables: string[]): string[] {
  return [
    ...['docker', 'run', '--rm', '--interactive', '--network', 'host', '--pid', 'host'],
    ...[tmpdir(), '/var/tmp'].flatMap((folder) => ['--volume', `${folder}:${folder}`]),
    ...variables.flatMap((name) => ['--env', name]),
    ...['--workdir', '/opt/code-mode', '--entrypoint', 'python3', image],
  ]
}

function flags(options: StartOptions, root: string): string[] {
  return [
    ...(options.start === undefined ? [] : ['--start', options.start]),
    ...(options.runAs === undefined ? [] : ['--run-as', options.runAs]),
    ...(options.files === undefined ? [] : ['--files', options.files]),
    ...(options.idleS === undefined ? [] : ['--idle-s', `${options.idleS}`]),
    ...(options.tmpHours === undefined ? [] : ['--tmp-hours', `${options.tmpHours}`]),
    ...(options.packageHosts === undefined ? [] : ['--package-hosts', join(root, options.packageHosts)]),
    ...(options.alsoAt ?? []).flatMap((place) => ['--also-at', place]),
    ...(options.leaveS === undefined ? [] : ['--leave-s', `${options.leaveS}`]),
    ...(options.exitWithStdin === false ? [] : ['--exit-with-stdin']),
  ]
}

interface Listening {
  event: string
  host: string
  port: number
  pid: number
}

/** The `listening` line, which is the first one on stdout. */
async function listening(child: ChildProcess, ended: Promise<unknown>): Promise<Listening> {
  const line = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no "listening" line within ${START_MS} ms`)), START_MS)
    const settle = (act: () => void) => {
      clearTimeout(timer)
      act()
    }
    createInterface(child.stdout!).once('line', (text) => settle(() => resolve(text)))
    child.once('error', (error) => settle(() => reject(error)))
    void ended.then((how) => settle(() => reject(new Error(`it ended at once: ${JSON.stringify(how)}`))))
  })
  const event = JSON.parse(line) as Listening
  if (event.event !== 'listening') throw new Error(`unexpected first line: ${line}`)
  return event
}

export interface Collected {
  /** Without heartbeats. */
  events: Exclude<RunEvent, { type: 'heartbeat' }>[]
  heartbeats: number
  stdout: string
  stderr: string
  exit: ExitEvent | undefined
}

/** Reads an event stream to its end. */
export async function collect(stream: AsyncIterable<RunEvent>): Promise<Collected> {
  const events: Collected['events'] = []
  const text = { stdout: [] as string[], stderr: [] as string[] }
  let heartbeats = 0
  let exit: ExitEvent | undefined
  for await (const event of stream) {
    if (event.type === 'heartbeat') {
      heartbeats++
      continue
    }
    events.push(event)
    if (event.type === 'stdout' || event.type === 'stderr') text[event.type].push(event.text)
    if (event.type === 'exit') exit = event
  }
  return { events, heartbeats, stdout: text.stdout.join(''), stderr: text.stderr.join(''), exit }
}
