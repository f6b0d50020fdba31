/** The uv that a local server gets: whole or not at all, once, and what is said when it cannot be had. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { fetchInstaller } from '../../container/commands/dev/installer.ts'
import { ensureUv } from '../../container/commands/uv.ts'

const REQUIREMENTS = new URL('../../container/requirements.txt', import.meta.url)
const [, VERSION] = /^uv==(.+)$/m.exec(readFileSync(REQUIREMENTS, 'utf8'))!

let folder: string
let bin: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'uv-'))
  bin = join(folder, 'bin')
  mkdirSync(bin)
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true, force: true })
})

/** An interpreter whose pip notes its arguments and then does this, with the target's folder in $target. */
function python(script: string): string {
  const file = join(bin, 'python')
  const target = 'for each; do [ "$before" = --target ] && target=$each; before=$each; done'
  writeFileSync(file, `#!/bin/sh\necho "$@" >> ${folder}/asked\n${target}\n${script}\n`)
  chmodSync(file, 0o755)
  return file
}

const brings = (version: string) => `mkdir "$target/bin"
printf '#!/bin/sh\necho "uv ${version} (somewhere)"\n' > "$target/bin/uv"
chmod +x "$target/bin/uv"`

const asked = () => readFileSync(join(folder, 'asked'), 'utf8').trim().split('\n')

test('pip is asked for the version of the container image, once', async () => {
  const interpreter = python(brings(VERSION!))
  expect(await ensureUv(interpreter, bin)).toBeNull()
  expect(await ensureUv(interpreter, bin)).toBeNull()
  expect(asked()).toEqual([
    expect.stringMatching(/^-I -m pip install .*--only-binary :all: .*--target \S+ uv==[\d.]+$/),
  ])
  expect(asked()[0]).toContain(`uv==${VERSION}`)
  expect(readdirSync(bin).toSorted()).toEqual(['python', 'uv'])
})

test('another version makes room for it', async () => {
  writeFileSync(join(bin, 'uv'), '#!/bin/sh\necho uv 0.0.1\n', { mode: 0o755 })
  expect(await ensureUv(python(brings(VERSION!)), bin)).toBeNull()
  expect(readFileSync(join(bin, 'uv'), 'utf8')).toContain(VERSION)
})

test('what does not run here is not put in place', async () => {
  expect(await ensureUv(python('mkdir "$target/bin"; echo nonsense > "$target/bin/uv"'), bin)).toBe(
    'it does not run on this machine',
  )
  expect(readdirSync(bin)).toEqual(['python'])
})

test('without the index it is said once that pip installs, and the next start tries again', async () => {
  const said = vi.spyOn(console, 'log').mockImplementation(() => {})
  python('echo "ERROR: No matching distribution found for uv" >&2; exit 1')
  await fetchInstaller(folder)
  await fetchInstaller(folder)
  expect(said.mock.calls).toEqual([
    [
      'Packages are installed with pip, which takes longer, as uv cannot be had (ERROR: No matching distribution found for uv).',
    ],
  ])
  expect(asked()).toHaveLength(2)
  expect(existsSync(join(bin, 'uv'))).toBe(false)
  python(brings(VERSION!))
  await fetchInstaller(folder)
  expect(readdirSync(folder).toSorted()).toEqual(['asked', 'bin'])
})

test('what a killed start left is removed, what another start is fetching is not', async () => {
  for (const name of ['.uv-old', '.uv-new']) mkdirSync(join(bin, name))
  utimesSync(join(bin, '.uv-old'), 0, 0)
  await ensureUv(python(brings(VERSION!)), bin)
  expect(readdirSync(bin).toSorted()).toEqual(['.uv-new', 'python', 'uv'])
})
