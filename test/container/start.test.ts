/** `npm run dev` before `npm install`, and with a Node that is too old: one line, whatever Node that is. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'

const START = fileURLToPath(new URL('../../container/commands/start.mjs', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'start-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A project of which only the launcher is there, and a command that says what it got. */
function project(name: string): string {
  const root = join(folder, name)
  mkdirSync(join(root, 'container', 'commands'), { recursive: true })
  cpSync(START, join(root, 'container', 'commands', 'start.mjs'))
  writeFileSync(
    join(root, 'container', 'commands', 'dev.ts'),
    'console.log(JSON.stringify(process.argv.slice(2)) as string)',
  )
  return root
}

function install(root: string): void {
  mkdirSync(join(root, 'node_modules', 'wrangler'), { recursive: true })
  writeFileSync(join(root, 'node_modules', 'wrangler', 'package.json'), '{}')
}

function start(root: string, asNode?: string) {
  const pretend = `Object.defineProperty(process.versions, 'node', { value: ${JSON.stringify(asNode)} })`
  const preload = asNode === undefined ? [] : ['--import', `data:text/javascript,${encodeURIComponent(pretend)}`]
  const args = [...preload, join(root, 'container', 'commands', 'start.mjs'), 'dev', '--port', '1']
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  return { status, stdout, stderr }
}

test('before the packages are installed', () => {
  const words = 'The packages of this project are not installed. Fix: npm install && npm run dev\n'
  expect(start(project('fresh'))).toEqual({ status: 1, stdout: '', stderr: words })
  expect(start(project('fresh'), '18.0.0')).toEqual({ status: 1, stdout: '', stderr: words })
})

test.each(['20.20.2', '22.17.9'])('with Node %s', (version) => {
  const root = project('old')
  install(root)
  expect(start(root, version)).toEqual({
    status: 1,
    stdout: '',
    stderr: `Node 22.18 or newer is needed, and this is ${version}. Fix: npm rebuild node && npm run dev (it comes with the packages), or install a newer one.\n`,
  })
})

test.each(['22.18.0', '24.0.0'])('with Node %s the command starts, with its arguments', (version) => {
  const root = project('new')
  install(root)
  expect(start(root, version)).toEqual({ status: 0, stdout: '["--port","1"]\n', stderr: '' })
})
