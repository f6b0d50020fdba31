/** Docker, which builds and runs the container of `npm run dev -- --container`. */
import { spawnSync } from 'node:child_process'
import { CannotStart, lastLine } from './cannot-start.ts'

const INSTEAD = 'or leave out --container to run programs without it'

/** Throws CannotStart when there is no Docker that answers and can build. wrangler looks for the same command. */
export function assertDocker(): void {
  const docker = process.env['WRANGLER_DOCKER_BIN'] || 'docker'
  const { error, status, stderr } = spawnSync(docker, ['version', '--format', '{{.Server.Version}}'], {
    encoding: 'utf8',
  })
  if (error !== undefined) {
    throw new CannotStart(
      `--container needs Docker, and there is no command "${docker}". Fix: install it (https://docs.docker.com/get-docker/), ${INSTEAD}.`,
    )
  }
  if (status !== 0) {
    throw new CannotStart(
      `--container needs Docker, which does not answer (${lastLine(stderr) || `exit code ${status}`}). Fix: start it, ${INSTEAD}.`,
    )
  }
  if (spawnSync(docker, ['buildx', 'version']).status !== 0) {
    throw new CannotStart(
      `--container needs Docker with buildx, which this one lacks. Fix: install Docker 23 or newer, ${INSTEAD}.`,
    )
  }
}
