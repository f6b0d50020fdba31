/**
 * What a local server was started with last. The next start begins with it, if all that the Worker is made of is as it was: to load wrangler
 * and to bundle the Worker takes most of a start. It is kept in `.wrangler/kept` without the value of any variable. wrangler follows, and
 * has the last word: what it makes differently is started anew.
 */
import { createHash, randomUUID } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseEnv } from 'node:util'
import type { Manifest, RuntimeOptions } from './closed-runtime.ts'
import type { RuntimeOrder } from './workers-runtime-process.ts'

/** What wrangler says of a bundle, as far as it concerns us. */
export interface Bundle {
  /** The file with the bundle. Its map of sources is beside it. */
  path: string
  /** Names of the files that it is made of, and of some that wrangler makes up. */
  dependencies: Record<string, unknown>
  entry: { moduleRoot: string; projectRoot: string }
}

interface Kept {
  digest: string
  /** Files of which it is the digest, and folders whose sources all count: a file of types alone is in no bundle. */
  inputs: { files: string[]; folders: string[] }
  /** Names of the variables that the start was given. */
  names: string[]
  /** Path of the bundle from the folder of what is kept. It is the one module of the Worker. */
  bundle: string
  options: RuntimeOptions
}

/** Files beside the configuration that change what a bundle is made of. */
const MANIFESTS = ['package.json', 'package-lock.json', join('node_modules', '.package-lock.json'), 'tsconfig.json']
const SOURCE = /\.[cm]?[jt]sx?$/
/** What is made or installed beside sources, rather than written. */
const MADE = /(?:^|[/\\])(?:\.wrangler|node_modules)[/\\]/
/** Folders of one start, which a bundle names. */
const TEMPORARY = /\.wrangler\/(?:tmp\/\w+-\w+|kept\/\w+)/g

/**
 * What was kept for an order's configuration; null when the Worker is made of something else by now, or nothing was kept. Returns what makes
 * options of it for a whole order; null: it lacks a variable, which may then be another one of the configuration.
 */
export function keptStart(config: string): ((order: RuntimeOrder) => RuntimeOptions | null) | null {
  const kept = readKept(config)
  try {
    if (kept === null || kept.digest !== digestOf(kept.inputs)) return null
    const file = join(placeOf(config), kept.bundle)
    const manifest = manifestOf(file, readFileSync(file, 'utf8'))
    return (order) => (isEachOf(kept.names, namesOf(order)) ? withOrder(kept.options, order, manifest) : null)
  } catch {
    return null // a file is gone
  }
}

/** Keeps what wrangler has started the runtime with, unless that is kept already, or is more than an order says of it. */
export function keepStart(order: RuntimeOrder, options: RuntimeOptions, bundle: Bundle): void {
  try {
    keep(order, options, bundle)
  } catch {
    // A file that is gone, or a folder that cannot be written, costs the next start its time.
  }
}

function keep(order: RuntimeOrder, options: RuntimeOptions, bundle: Bundle): void {
  const inputs = {
    files: [
      order.config,
      ...MANIFESTS.map((name) => join(dirname(order.config), name)),
      ...Object.keys(bundle.dependencies).map((name) => resolve(bundle.entry.projectRoot, name)),
    ].filter((path) => existsSync(path) && !path.includes(join('.wrangler', 'tmp'))),
    folders: [bundle.entry.moduleRoot],
  }
  const digest = digestOf(inputs)
  const names = namesOf(order)
  const entry = basename(bundle.path)
  const contents = options.workers[0]?.config.manifest?.modules[entry]?.contents
  if (typeof contents !== 'string') return
  const place = placeOf(order.config)
  // Of the bundle too: one that was made while a file changed must not stay for the files as they are now.
  const folder = hashed(digest, contents.replaceAll(TEMPORARY, '')).slice(0, 16)
  const before = readKept(order.config)
  if (before?.bundle === join(folder, entry) && isEachOf(before.names, names)) return
  const file = join(place, folder, entry)
  // Its map of sources is looked for where the code says that it is.
  const moved = contents.replaceAll(pathToFileURL(bundle.path).href, pathToFileURL(file).href)
  const kept: Kept = { digest, inputs, names, bundle: join(folder, entry), options: withoutOrder(options, names) }
  // One that an order alone cannot bring back is not kept.
  if (!isSame(withOrder(kept.options, order, manifestOf(file, moved)), options)) return
  mkdirSync(join(place, folder), { recursive: true, mode: 0o700 })
  writeFileSync(file, moved)
  if (existsSync(`${bundle.path}.map`)) copyFileSync(`${bundle.path}.map`, `${file}.map`)
  const draft = join(place, `start.${process.pid}`)
  writeFileSync(draft, JSON.stringify(kept))
  renameSync(draft, join(place, 'start.json'))
  for (const name of readdirSync(place)) {
    if (name !== folder && name !== 'start.json') rmSync(join(place, name), { recursive: true, force: true })
  }
}

/** Whether two starts are the same, but for what differs from one to the next and means nothing. */
export function isSame(one: RuntimeOptions, other: RuntimeOptions): boolean {
  return canonical(one) === canonical(other)
}

function canonical(options: RuntimeOptions): string {
  return JSON.stringify(options, (name, value: unknown) => {
    if (['log', 'unsafeProxySharedSecret', 'modulesRoot'].includes(name) || typeof value === 'function')
      return undefined
    if (typeof value === 'string') return value.replaceAll(TEMPORARY, '')
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  })
}

function withoutOrder(options: RuntimeOptions, names: string[]): RuntimeOptions {
  const { resourcePersistencePath: _state, unsafeProxySharedSecret: _secret, log: _log, ...shared } = options
  const isGiven = (name: string) => names.includes(name)
  return {
    ...shared,
    workers: options.workers.map(({ config, ...worker }) => ({
      ...worker,
      config: {
        ...config,
        env: Object.fromEntries(Object.entries(config.env ?? {}).filter(([name]) => !isGiven(name))),
        manifest: undefined,
      },
    })),
  }
}

function withOrder(options: RuntimeOptions, order: RuntimeOrder, manifest: Manifest): RuntimeOptions {
  const texts = Object.entries(variablesOf(order)).map(([name, value]) => [name, { type: 'text', value }] as const)
  return {
    ...options,
    resourcePersistencePath: join(order.state, 'v3'),
    unsafeProxySharedSecret: randomUUID(),
    workers: options.workers.map((worker) => ({
      ...worker,
      config: {
        ...worker.config,
        env: { ...worker.config.env, ...Object.fromEntries(texts) },
        manifest,
      },
    })),
  }
}

function manifestOf(file: string, contents: string): Manifest {
  const name = basename(file)
  return { mainModule: name, modulesRoot: dirname(file), modules: { [name]: { type: 'esm', contents } } }
}

function variablesOf(order: RuntimeOrder): Record<string, string | undefined> {
  const files = order.envFiles.map((file) => parseEnv(readFileSync(file, 'utf8')))
  return Object.assign({}, ...files, order.vars)
}

function isEachOf(names: string[], given: string[]): boolean {
  return names.every((name) => given.includes(name))
}

function namesOf(order: RuntimeOrder): string[] {
  return Object.keys(variablesOf(order))
}

/** Of the contents. Throws when one of the files is gone. */
function digestOf({ files, folders }: Kept['inputs']): string {
  const hash = createHash('sha256')
  const sources = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && SOURCE.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => !MADE.test(relative(folder, file))),
  )
  for (const file of new Set([...files, ...sources.toSorted()])) hash.update(`${file}\0`).update(readFileSync(file))
  return hash.digest('hex')
}

function hashed(...texts: string[]): string {
  return createHash('sha256').update(texts.join('\0')).digest('hex')
}

function readKept(config: string): Kept | null {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written above, for the same user
    return JSON.parse(readFileSync(join(placeOf(config), 'start.json'), 'utf8')) as Kept
  } catch {
    return null
  }
}

function placeOf(config: string): string {
  return join(dirname(config), '.wrangler', 'kept')
}
