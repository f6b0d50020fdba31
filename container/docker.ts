/** Docker, which builds the image of the containers, and runs it for `npm run dev -- --container`. */
import { spawnSync } from 'node:child_process'
import { CannotStart, lastLine } from './cannot-start.ts'

/**
 * Throws CannotStart when there is no Docker that answers and can build; wrangler looks for the same command. `what` needs it, and
 * `instead` is what else could be done, such as "or …".
 */
export function assertDocker(what: string, instead = ''): void {
  const docker = process.env['WRANGLER_DOCKER_BIN'] || 'docker'
  const { error, status, stderr } = spawnSync(docker, ['version', '--format', '{{.Server.Version}}'], {
    encoding: 'utf8',
  })
  if (error !== undefined) {
    throw new CannotStart(
      `${what} needs Docker, and there is no command "${docker}". Fix: install it (https://docs.docker.com/get-docker/)${instead}.`,
    )
  }
  if (status !== 0) {
    throw new CannotStart(
      `${what} needs Docker, which does not answer (${lastLine(stderr) || `exit code ${status}`}). Fix: start it${instead}.`,
    )
  }
  if (spawnSync(docker, ['buildx', 'version']).status !== 0) {
    throw new CannotStart(
      `${what} needs Docker with buildx, which this one lacks. Fix: install Docker 23 or newer${instead}.`,
    )
  }
}
