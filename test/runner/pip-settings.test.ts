/** Where packages come from, as pip is configured in files and variables: the same packages whichever installs them. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type PackageIndex, startPackageIndex } from '../support/package-index.ts'
import { startRunner } from '../support/runner.ts'
import { uvIsMissing, withUv } from '../support/uv.ts'
import { wheel, wheelName } from '../support/wheel.ts'

const demo = (version: string) => ({ name: 'demo', version, modules: { 'demo.py': '' } })

let first: PackageIndex
let second: PackageIndex
let home: string
beforeAll(async () => {
  first = await startPackageIndex([demo('1.0'), demo('1.1rc1')])
  second = await startPackageIndex([demo('0.9'), demo('2.0')])
  home = await mkdtemp(join(tmpdir(), 'pip-settings-'))
  await mkdir(join(home, 'links'))
  await writeFile(join(home, 'links', wheelName(demo('3.0'))), wheel(demo('3.0')))
})
afterAll(async () => {
  await first[Symbol.asyncDispose]()
  await second[Symbol.asyncDispose]()
  await rm(home, { recursive: true })
})

/** The texts of files below the home, and variables. */
interface Configured {
  files?: Record<string, string>
  env?: Record<string, string>
}

const OWN = '.config/pip/pip.conf'

const CASES: [claim: string, configured: () => Configured, version: string][] = [
  ['the index of the user’s file', () => ({ files: { [OWN]: `[global]\nindex-url = ${second.url}\n` } }), '2.0'],
  ['the older place of that', () => ({ files: { '.pip/pip.conf': `[global]\nindex_url: ${second.url}\n` } }), '2.0'],
  [
    'what is said for installations before what is said for all, and a variable before both',
    () => ({
      files: {
        [OWN]: `[install]\nindex-url = ${first.url}\npre = no\n[global]\nindex-url = ${second.url}\npre = yes\n`,
      },
    }),
    '1.0',
  ],
  [
    'a variable before the file',
    () => ({ files: { [OWN]: `[install]\nindex-url = ${first.url}\n` }, env: { PIP_INDEX_URL: second.url } }),
    '2.0',
  ],
  [
    'a file that is named instead of the user’s',
    () => ({
      files: { [OWN]: `[global]\nno-index = true\n`, 'x/named.conf': `[global]\nindex-url = ${first.url}\n` },
      env: { PIP_CONFIG_FILE: join(home, 'x/named.conf') },
    }),
    '1.0',
  ],
  [
    'the newest of two indexes',
    () => ({ files: { [OWN]: `[global]\nindex-url = ${first.url}\nextra-index-url =\n  ${second.url}\n` } }),
    '2.0',
  ],
  [
    'the newest of two indexes, in the other order',
    () => ({ env: { PIP_INDEX_URL: second.url, PIP_EXTRA_INDEX_URL: first.url } }),
    '2.0',
  ],
  [
    'folders of files, of which one is not there',
    () => ({ files: { [OWN]: `[global]\nno-index = 1\nfind-links = ${home}/nowhere ${home}/links\n` } }),
    '3.0',
  ],
  ['versions that are not released', () => ({ env: { PIP_INDEX_URL: first.url, PIP_PRE: '1' } }), '1.1rc1'],
  [
    'what is nothing to an installation',
    () => ({ env: { PIP_INDEX_URL: first.url, PIP_TIMEOUT: '15.5', PIP_RETRIES: '2', PIP_QUIET: '', PIP_LOG: '' } }),
    '1.0',
  ],
]

/** What installing demo brings, and what the installer and the runner said. */
async function installed(configured: Configured, base: Record<string, string>, times = 1) {
  const own = await mkdtemp(join(home, 'home-'))
  for (const [path, text] of Object.entries(configured.files ?? {})) {
    const file = path === OWN || path.startsWith('.pip') ? join(own, path) : join(home, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
  }
  const caches = { PIP_NO_CACHE_DIR: '1', UV_NO_CACHE: '1' }
  await using runner = await startRunner({ env: { ...base, ...caches, ...configured.env, HOME: own } })
  let output = ''
  let version: string | undefined
  for (let i = 0; i < times; i++) {
    for await (const event of runner.client(`w${i}`).install(['demo'], 60)) {
      if (event.type === 'output') output += event.text
      if (event.type === 'done') version = event.installed[0]
    }
  }
  return { version, output, log: runner.log() }
}

test.each(CASES)('pip: %s', async (_, configured, version) => {
  expect((await installed(configured(), {})).version).toBe(`demo==${version}`)
})

const missing = await uvIsMissing()
describe.skipIf(missing !== null)('uv', () => {
  test.each(CASES)('%s', async (_, configured, version) => {
    const { output, ...rest } = await installed(configured(), withUv())
    expect(rest).toEqual({ version: `demo==${version}`, log: '' })
    expect(output).toContain(` + demo==${version}\n`)
  })

  test('its own index and files count before those of pip', async () => {
    const env = { PIP_INDEX_URL: first.url, UV_DEFAULT_INDEX: second.url }
    expect((await installed({ env }, withUv())).version).toBe('demo==2.0')
  })

  test('credentials in the address of the index go along', async () => {
    const env = { PIP_INDEX_URL: second.url.replace('http://', 'http://me:secret@') }
    expect((await installed({ env }, withUv())).version).toBe('demo==2.0')
    expect(new Set(second.credentials)).toEqual(new Set([`Basic ${Buffer.from('me:secret').toString('base64')}`]))
  })

  test('a setting that it has no word for leaves installing to pip, and that is said once', async () => {
    const files = { [OWN]: `[install]\nindex-url = ${first.url}\nprefer-binary = true\n` }
    const { version, output, log } = await installed({ files }, withUv(), 2)
    expect(version).toBe('demo==1.0')
    expect(output).toContain('Collecting demo')
    expect(log).toBe(
      "runner: packages are installed with pip, as uv cannot be told of prefer-binary in pip's configuration\n",
    )
  })
})
