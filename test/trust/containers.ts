/** The containers of a server's users: found by their label, and harmed as Docker does it. Linux, where their processes are in /proc. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { markOf, SERVER_LABEL } from '../../container/commands/docker.ts'

export interface Container {
  name: string
  /** Its first process, as this machine counts. */
  pid: number
}

const execute = promisify(execFile)

async function docker(...args: string[]): Promise<string[]> {
  const { stdout } = await execute(process.env['WRANGLER_DOCKER_BIN'] ?? 'docker', args)
  return stdout.split('\n').filter((line) => line !== '')
}

/** Where containers reach this machine. */
export async function hostAddress(): Promise<string> {
  const [gateway] = await docker('network', 'inspect', 'bridge', '--format', '{{(index .IPAM.Config 0).Gateway}}')
  if (!gateway)
    throw new Error('Docker’s bridge has no gateway. Next: start dockerd with --bip, as in --bip 172.17.0.1/16')
  return gateway
}

/** Those that run, without the ones that watch their network. */
export async function containersOf(state: string): Promise<Container[]> {
  const names = (await namesOf(state, '--filter', 'status=running')).filter((name) => !name.endsWith('-proxy'))
  if (names.length === 0) return []
  // One that ends meanwhile has no process.
  const lines = await docker('inspect', '--format', '{{.State.Pid}} {{.Name}}', ...names).catch(() => [])
  return lines
    .map((line) => line.split(' /'))
    .map(([pid, name]) => ({ pid: Number(pid), name: name! }))
    .filter(({ pid }) => pid > 0)
}

/** Containers of whatever kind, also ended ones, and images. */
export async function leftInDocker(state: string): Promise<string[]> {
  const images = await docker('images', '--filter', `reference=cloudflare-dev/*:${markOf(state)}`, '--quiet')
  return [...(await namesOf(state)).map((name) => `container ${name}`), ...images.map((id) => `image ${id}`)]
}

function namesOf(state: string, ...filters: string[]): Promise<string[]> {
  return docker(
    'ps',
    '--all',
    '--filter',
    `label=${SERVER_LABEL}=${markOf(state)}`,
    ...filters,
    '--format',
    '{{.Names}}',
  )
}

const COMMANDS = { SIGKILL: ['kill'], SIGTERM: ['kill', '--signal', 'TERM'], SIGSTOP: ['pause'], SIGCONT: ['unpause'] }

/** Whether it was there to be harmed. */
export async function sendToContainer(name: string, signal: keyof typeof COMMANDS): Promise<boolean> {
  return docker(...COMMANDS[signal], name).then(
    () => true,
    () => false,
  )
}
