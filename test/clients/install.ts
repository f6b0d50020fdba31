/** Installs the clients once, into folders that later runs find again, or finds out why one cannot be had. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { TestProject } from 'vitest/node'
import { testPython } from '../support/python.ts'
import { type ClientName, type Release, RELEASED_BEFORE, RELEASES, UV } from './releases.ts'

/** The folder of an installed client, or why there is none. */
export type Installed = { folder: string } | { missing: string }

declare module 'vitest' {
  interface ProvidedContext {
    clients: Record<ClientName, Installed>
  }
}

const execute = promisify(execFile)

/** Two gigabytes when all are there. */
const CACHE = process.env['CLIENTS_CACHE'] ?? fileURLToPath(new URL('.cache', import.meta.url))

/** An installation that takes longer than this hangs. */
const INSTALL_TIMEOUT_MS = 300_000

/** Longest reason of a failed installation: enough to tell a missing network from a missing release. */
const MAX_REASON_CHARS = 300

/** The folder of uv: asked for once, also when it cannot be had. */
let uv: Promise<string> | undefined

const WANTED = Boolean(process.env['CLIENTS_TEST'])
const NOT_WANTED = 'only "npm run test:clients" installs programs of others'

export default async function setup(project: TestProject): Promise<void> {
  if (!WANTED) console.log(`Skipped: the clients of others: ${NOT_WANTED}`)
  const found: [string, Installed][] = []
  for (const [name, release] of Object.entries(RELEASES)) {
    const installed = await install(name, release)
    const packages = Object.values(release).flat().join(' ')
    if ('missing' in installed && WANTED) console.log(`Skipped: ${name} (${packages}): ${installed.missing}`)
    found.push([name, installed])
  }
  project.provide('clients', Object.fromEntries(found) as Record<ClientName, Installed>)
}

async function install(name: string, release: Release): Promise<Installed> {
  if (!WANTED) return { missing: NOT_WANTED }
  try {
    if ('npm' in release) return { folder: await once(name, release.npm, installFromNpm) }
    if ('pip' in release) return { folder: await once(name, release.pip, installFromPyPI) }
    return { folder: await build(name, release.go) }
  } catch (error) {
    const { message, stderr = '' } = error as Error & { stderr?: string }
    const reason = (stderr || message).trim().replaceAll(/\s+/g, ' ').slice(0, MAX_REASON_CHARS)
    return { missing: `it cannot be installed (${reason})` }
  }
}

/** The folder with these packages, which is put in place when it is whole. */
async function once(
  name: string,
  packages: string[],
  fill: (folder: string, packages: string[]) => Promise<void>,
): Promise<string> {
  const versions = packages.map((each) => each.replaceAll(/[^\w.]+/g, '-')).join('+')
  const folder = join(CACHE, `${name}+${versions}+${RELEASED_BEFORE}`)
  if (existsSync(folder)) return folder
  console.log(`Installing ${packages.join(' ')} …`)
  const draft = `${folder}.${process.pid}`
  try {
    await mkdir(draft, { recursive: true })
    await fill(draft, packages)
    await rename(draft, folder)
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  return folder
}

async function installFromNpm(folder: string, packages: string[]): Promise<void> {
  // Claude Code is put together by its own script.
  await writeFile(join(folder, 'package.json'), JSON.stringify({ allowScripts: { '@anthropic-ai/claude-code': true } }))
  const options = [
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    `--before=${RELEASED_BEFORE}`,
    '--fetch-retry-maxtimeout=10000',
  ]
  await execute('npm', ['install', ...options, ...packages], { cwd: folder, timeout: INSTALL_TIMEOUT_MS })
}

async function installUv(folder: string, packages: string[]): Promise<void> {
  const options = ['-qq', '--disable-pip-version-check', '--target', folder]
  await execute(await testPython(), ['-m', 'pip', 'install', ...options, ...packages], { timeout: INSTALL_TIMEOUT_MS })
}

async function installFromPyPI(folder: string, packages: string[]): Promise<void> {
  uv ??= once('uv', [UV], installUv)
  const command = join(await uv, 'bin', 'uv')
  const options = ['--quiet', '--exclude-newer', RELEASED_BEFORE, '--python', pythonOf(folder)]
  await execute(command, ['venv', '--quiet', '--clear', '--relocatable', '--python', await testPython(), folder])
  await execute(command, ['pip', 'install', ...options, ...packages], { timeout: INSTALL_TIMEOUT_MS })
}

/** Built each time, which takes Go a second when nothing has changed. */
async function build(name: string, source: string): Promise<string> {
  const folder = join(CACHE, name)
  // The Go that is there: another one would have to be downloaded.
  const env = { ...process.env, GOTOOLCHAIN: 'local' }
  const cwd = fileURLToPath(new URL(source, import.meta.url))
  await execute('go', ['build', '-o', builtIn(folder), '.'], { cwd, env, timeout: INSTALL_TIMEOUT_MS })
  return folder
}

/** The program that was built from our source. */
export function builtIn(folder: string): string {
  return join(folder, 'client')
}

/** The interpreter that imports what was installed from PyPI. */
export function pythonOf(folder: string): string {
  return join(folder, 'bin', 'python')
}
