/** Docker, which builds the image of the containers, and runs it for `npm run dev -- --container`. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { CannotStart, lastLine } from './cannot-start.ts'

/**
 * Throws CannotStart when there is no Docker that answers and can build; wrangler looks for the same command. `what` needs it, and
 * `instead` is an alternative, such as "or …".
 */
export function assertDocker(what: string, instead = ''): void {
  const { error, status, stderr } = run('version', '--format', '{{.Server.Version}}')
  if (error !== undefined) {
    throw new CannotStart(
      `${what} needs Docker, and there is no command "${command()}". Fix: install it (https://docs.docker.com/get-docker/)${instead}.`,
    )
  }
  if (status !== 0) {
    throw new CannotStart(
      `${what} needs Docker, which does not answer (${lastLine(stderr) || `exit code ${status}`}). Fix: start it${instead}.`,
    )
  }
  if (run('buildx', 'version').status !== 0) {
    throw new CannotStart(
      `${what} needs Docker with buildx, which this one lacks. Fix: install Docker 23 or newer${instead}.`,
    )
  }
}

/** Address of the Docker that the command talks to, as DOCKER_HOST has it. */
export function dockerAddress(): string {
  const given = process.env['WRANGLER_DOCKER_HOST'] || process.env['DOCKER_HOST']
  if (given) return given
  const { status, stdout } = run('context', 'inspect', '--format', '{{.Endpoints.docker.Host}}')
  return (status === 0 && stdout.trim()) || 'unix:///var/run/docker.sock'
}

/** Label of a local server's containers; its value is the server's mark. */
export const SERVER_LABEL = 'mcp-code-mode.server'

/** Mark of the containers and the image of the server over this state folder, which must exist: the same at every start. */
export function markOf(state: string): string {
  return createHash('sha256').update(realpathSync(state)).digest('hex').slice(0, 8)
}

/** Removes the containers of a server that has ended, and their image, whose tag is the mark. The build stays in Docker's cache. */
export function removeContainers(mark: string): void {
  const containers = listed('ps', '--all', '--quiet', '--filter', `label=${SERVER_LABEL}=${mark}`)
  if (containers.length > 0) run('rm', '--force', '--volumes', ...containers)
  const images = listed(
    'images',
    '--filter',
    `reference=cloudflare-dev/*:${mark}`,
    '--format',
    '{{.Repository}}:{{.Tag}}',
  )
  if (images.length > 0) run('rmi', ...images)
}

function listed(...args: string[]): string[] {
  const { stdout } = run(...args)
  // Null: the command is gone, and with it all that could be removed.
  return stdout?.split('\n').filter((line) => line !== '') ?? []
}

function run(...args: string[]) {
  return spawnSync(command(), args, { encoding: 'utf8' })
}

function command(): string {
  return process.env['WRANGLER_DOCKER_BIN'] || 'docker'
}
