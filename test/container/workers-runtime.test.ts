/** The Workers runtime of a local server over a small Worker: what happens when its files change, and when it cannot be started. */
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  onReload,
  startWorkersRuntime,
  type WorkersRuntime,
} from '../../container/commands/dev/workers-runtime-process.ts'

let folder: string
let runtime: WorkersRuntime | undefined
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'workers-runtime-'))
  await writeFile(
    join(folder, 'wrangler.toml'),
    'name = "small"\nmain = "worker.js"\ncompatibility_date = "2026-11-01"\n',
  )
})
afterEach(async () => {
  await stop()
  await rm(folder, { recursive: true, force: true })
})

async function stop(): Promise<void> {
  const child = runtime?.child
  if (child !== undefined && child.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await ended
  }
  runtime = undefined
}

const says = (expression: string) =>
  writeFile(join(folder, 'worker.js'), `export default { fetch: (_request, env) => new Response(${expression}) }`)

function start(port = 0, vars: Record<string, string> = {}, envFiles: string[] = [], watch = true): WorkersRuntime {
  const order = {
    config: join(folder, 'wrangler.toml'),
    envFiles,
    vars,
    state: join(folder, 'state'),
    port,
    containers: null,
    watch,
    verbose: false,
  }
  return (runtime = startWorkersRuntime(order))
}

/** What is told of builds after the start, as it comes. */
function reloadsOf(child: WorkersRuntime['child']): boolean[] {
  const told: boolean[] = []
  onReload(
    child,
    (isBuilt) => told.push(isBuilt),
    (reason) => expect.fail(reason),
  )
  return told
}

async function answerOf({ origin }: WorkersRuntime): Promise<string> {
  return (await fetch(await origin)).text()
}

async function keptBundle(): Promise<string> {
  const kept = join(folder, '.wrangler', 'kept')
  return join(kept, JSON.parse(await readFile(join(kept, 'start.json'), 'utf8')).bundle)
}

test('a Worker whose files change is started anew, and one that cannot be built goes on as it was', async () => {
  await says('"one"')
  const { child, origin } = start()
  const told = reloadsOf(child)
  const answer = async () => (await fetch(await origin)).text()
  expect(await answer()).toBe('one')

  await says('"two"')
  await expect.poll(() => told, { timeout: 30_000 }).toEqual([true])
  expect(await answer()).toBe('two')

  await says('"three')
  await expect.poll(() => told, { timeout: 30_000 }).toEqual([true, false])
  expect(await answer()).toBe('two')
})

test('variables with every kind of character arrive as they are', async () => {
  await says('env.ODD')
  const odd = 'a b"c\'d\\e$HOME\n=#ü'
  expect(await (await fetch(await start(0, { ODD: odd }).origin)).text()).toBe(odd)
})

test('a second start serves what the first was made of, and wrangler has the last word', async () => {
  await says('"one"')
  expect(await answerOf(start())).toBe('one')
  await stop()
  const bundle = await keptBundle()
  const code = await readFile(bundle, 'utf8')
  await writeFile(bundle, code.replace('"one"', '"kept"'))
  const { child, origin } = start()
  const told = reloadsOf(child)
  expect(await (await fetch(await origin)).text()).toBe('kept')
  await expect.poll(() => told, { timeout: 30_000 }).toEqual([true])
  expect(await (await fetch(await origin)).text()).toBe('one')
})

test('a start whose files are not watched keeps nothing: its bundle has other code, and a call would end with the next one', async () => {
  await says('"one"')
  expect(await answerOf(start(0, {}, [], false))).toBe('one')
  await stop()
  await expect(keptBundle()).rejects.toThrow('ENOENT')
})

test('a bundle that was kept for files which changed while it was made is kept no longer than until the next', async () => {
  await says('"one"')
  expect(await answerOf(start())).toBe('one')
  await stop()
  const kept = join(folder, '.wrangler', 'kept')
  const description = JSON.parse(await readFile(join(kept, 'start.json'), 'utf8'))
  const code = await readFile(await keptBundle(), 'utf8')
  await mkdir(join(kept, 'earlier'))
  await writeFile(join(kept, 'earlier', 'worker.js'), code.replace('"one"', '"earlier"'))
  await writeFile(join(kept, 'start.json'), JSON.stringify({ ...description, bundle: 'earlier/worker.js' }))
  const { child, origin } = start()
  const told = reloadsOf(child)
  expect(await (await fetch(await origin)).text()).toBe('earlier')
  await expect.poll(() => told, { timeout: 30_000 }).toEqual([true])
  await stop()
  expect(await answerOf(start())).toBe('one')
})

test('a Worker that was started from what was kept is started anew when its files change, and not before', async () => {
  await says('"one"')
  expect(await answerOf(start())).toBe('one')
  await stop()
  const { child, origin } = start()
  const told = reloadsOf(child)
  expect(await (await fetch(await origin)).text()).toBe('one')
  // wrangler makes its own folder for the bundle when it has come that far.
  await expect.poll(() => readdir(join(folder, '.wrangler', 'tmp')), { timeout: 30_000 }).not.toEqual([])
  await says('"two"')
  await expect.poll(() => told, { timeout: 30_000 }).toEqual([true])
  expect(await (await fetch(await origin)).text()).toBe('two')
})

test.each([
  ['a changed file', () => says('"two"'), 'two'],
  ['a file that the Worker no longer needs', () => rm(join(folder, 'needed.js')).then(() => says('"two"')), 'two'],
  ['code that does not start', async () => writeFile(await keptBundle(), 'throw new Error("broken")'), 'one'],
  ['no description', () => writeFile(join(folder, '.wrangler', 'kept', 'start.json'), '{'), 'one'],
])('%s makes the next start one without what was kept', async (_what, change, expected) => {
  await writeFile(join(folder, 'needed.js'), 'export const needed = "one"')
  await writeFile(
    join(folder, 'worker.js'),
    'import { needed } from "./needed.js"\nexport default { fetch: () => new Response(needed) }',
  )
  expect(await answerOf(start())).toBe('one')
  await stop()
  await change()
  expect(await answerOf(start())).toBe(expected)
})

test('what is kept holds no value of a variable, and the next start has its own', async () => {
  await says('env.FROM_FILE + env.GIVEN')
  const file = join(folder, 'vars')
  await writeFile(file, 'FROM_FILE="secret one "\n')
  expect(await answerOf(start(0, { GIVEN: 'secret two' }, [file]))).toBe('secret one secret two')
  await stop()
  const kept = join(folder, '.wrangler', 'kept')
  for (const name of await readdir(kept, { recursive: true })) {
    if (!(await stat(join(kept, name))).isFile()) continue
    expect(await readFile(join(kept, name), 'utf8')).not.toMatch(/secret (?:one|two)/)
  }
  await writeFile(file, 'FROM_FILE="another "\n')
  expect(await answerOf(start(0, { GIVEN: 'start' }, [file]))).toBe('another start')
})

test('a Worker that cannot be built does not start', async () => {
  await says('"one')
  await expect(start().origin).rejects.toThrow(
    /^The Workers runtime did not start: .*Unterminated string.*\. Next: see what it says above/s,
  )
})

test('a configuration that cannot be read is named', async () => {
  await writeFile(join(folder, 'wrangler.toml'), 'name = ')
  await expect(start().origin).rejects.toThrow(/^The Workers runtime did not start: .*\. Next: /s)
})

test('a port that somebody took in the meantime is named', async () => {
  await says('"one"')
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address() as { port: number }
  await expect(start(port).origin).rejects.toThrow(
    'The Workers runtime did not start: its port was taken meanwhile. Next: choose another: npm run dev -- --port 0',
  )
  taken.close()
})

test('it ends when its parent does', async () => {
  await says('"one"')
  const { child, origin } = start()
  await origin
  const ended = once(child, 'exit')
  child.disconnect()
  await ended
  await expect(fetch(await origin)).rejects.toThrow()
})
