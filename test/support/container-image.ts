/** Builds the container's image for the tests that run in it, or finds out why there is none. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'
import { lastLine } from '../../container/commands/cannot-start.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The image, or why there is none. */
    container: { image: string } | { missing: string }
  }
}

const IMAGE = 'mcp-code-mode-test'
const CONTEXT = fileURLToPath(new URL('../../container', import.meta.url))

export default function setup(project: TestProject): void {
  project.provide('container', builtImage())
}

function builtImage(): { image: string } | { missing: string } {
  if (!process.env['CONTAINER_TEST']) return { missing: 'only "npm run test:container" builds and starts containers' }
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return { missing: 'needs Linux and root, to look at the processes in a container' }
  const docker = (...args: string[]) => spawnSync('docker', args, { encoding: 'utf8' })
  const { error, status, stderr } = docker('version')
  if (error !== undefined) return { missing: 'there is no command "docker"' }
  if (status !== 0) return { missing: `Docker does not answer (${lastLine(stderr)})` }
  const built = docker('build', '--tag', IMAGE, CONTEXT)
  return built.status === 0 ? { image: IMAGE } : { missing: `the image cannot be built (${lastLine(built.stderr)})` }
}
