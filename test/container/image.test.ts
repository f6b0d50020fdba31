/** The container's image, as far as it can be looked at without building it. */
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { SANDBOX_IMAGE } from '../../worker/executor/image.ts'
import { startPackageIndex } from '../support/package-index.ts'
import { testPython } from '../support/python.ts'

const execute = promisify(execFile)
const CONTAINER = fileURLToPath(new URL('../../container/', import.meta.url))

/** What programs may count on. */
const PREINSTALLED = [
  ...['requests', 'httpx', 'aiohttp', 'beautifulsoup4', 'lxml', 'pandas', 'numpy', 'scipy', 'scikit-learn'],
  ...[
    'matplotlib',
    'seaborn',
    'plotly',
    'kaleido',
    'pillow',
    'openpyxl',
    'python-docx',
    'pypdf',
    'pyyaml',
    'python-dotenv',
  ],
  ...['sympy', 'duckdb', 'polars', 'pyarrow', 'playwright', 'tabulate', 'jinja2', 'xlsxwriter', 'statsmodels', 'tqdm'],
  ...['html5lib', 'uv'],
]

function read(name: string): Promise<string> {
  return readFile(join(CONTAINER, name), 'utf8')
}

test('image, SDK and what users are told are of one version', async () => {
  const { dependencies } = JSON.parse(await read('../package.json')) as { dependencies: Record<string, string> }
  const version = dependencies['@cloudflare/sandbox']
  expect(version).toMatch(/^\d+\.\d+\.\d+$/)
  const image = `cloudflare/sandbox:${version}-python`
  expect(/^FROM (.+)$/m.exec(await read('Dockerfile'))?.[1]).toBe(image)
  expect(SANDBOX_IMAGE).toBe(image)
})

test('every requirement has one exact version, and none is missing', async () => {
  const lines = (await read('requirements.txt')).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  for (const line of lines) expect(line).toMatch(/^[a-z0-9-]+==[0-9][0-9.]*$/)
  const names = lines.map((line) => line.split('==')[0])
  expect(names.slice(0, PREINSTALLED.length)).toEqual(PREINSTALLED)
  expect(new Set(names).size).toBe(names.length)
})

test('all that the build copies is let through to it, and no more', async () => {
  const copied = [...(await read('Dockerfile')).matchAll(/^COPY (?:--\S+ )*(\S+) /gm)].map(([, name]) => name!)
  const letThrough = (await read('.dockerignore')).split('\n').filter((line) => line.startsWith('!'))
  expect(new Set(letThrough.map((line) => line.slice(1)))).toEqual(new Set(copied))
  expect(await readdir(CONTAINER)).toEqual(expect.arrayContaining(copied))
})

test('no file of the image names the host of a package index', async () => {
  for (const name of ['Dockerfile', 'requirements.txt', 'package_hosts.py', 'first.sh', 'supervise.sh'])
    expect(await read(name)).not.toMatch(/https?:\/\/[a-z]|pypi|pythonhosted/i)
})

/** What package_hosts.py prints for one requirement. */
async function packageHosts(requirement: string, env: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'requirements-'))
  try {
    await writeFile(join(folder, 'requirements.txt'), requirement)
    const args = [join(CONTAINER, 'package_hosts.py'), join(folder, 'requirements.txt')]
    const { stdout } = await execute(await testPython(), args, { env: { PATH: process.env['PATH'], ...env } })
    return stdout
  } finally {
    await rm(folder, { recursive: true })
  }
}

test('the hosts that packages come from are those that pip uses', async () => {
  await using index = await startPackageIndex([{ name: 'demo', version: '1.0', modules: { 'demo.py': '' } }])
  expect(await packageHosts('demo==1.0', index.env)).toBe('127.0.0.1\n')
  await expect(packageHosts('nothing==1.0', index.env)).rejects.toThrow()
})

test('the operator has the last word about those hosts', async () => {
  const given = { PACKAGE_HOSTS: ' b.example, a.example\n' }
  expect(await packageHosts('nothing==1.0', given)).toBe('a.example\nb.example\n')
})
