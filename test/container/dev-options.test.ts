/** What `npm run dev` takes, and what it says to the rest. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { parseOptions, USAGE } from '../../container/commands/dev/options.ts'

const home = mkdtempSync(join(tmpdir(), 'dev-options-'))
const project = join(home, 'project')
mkdirSync(join(project, 'photos'), { recursive: true })
mkdirSync(join(home, 'photos'))
symlinkSync(project, join(home, 'link'))
afterAll(() => rmSync(home, { recursive: true }))

const parse = (...args: string[]) => parseOptions(args, home, project)

test('nothing is needed', () => {
  expect(parse()).toEqual({
    port: 8787,
    workspace: undefined,
    container: false,
    state: join(project, '.wrangler', 'state'),
    vars: {},
    inspectorPort: undefined,
    verbose: false,
  })
})

test('folders count from where somebody typed, not from the project', () => {
  expect(parse('--workspace', './photos', '--persist-to=state')).toMatchObject({
    workspace: join(home, 'photos'),
    state: join(home, 'state'),
  })
})

test('a variable may hold what parts names from values', () => {
  expect(parse('--var', 'A:b:c', '--var', 'URL:http://x')).toMatchObject({ vars: { A: 'b:c', URL: 'http://x' } })
})

test('help is no error', () => {
  expect([parse('--help'), parse('-h', '--port', 'abc')]).toEqual([null, null])
})

test('help fits a screen', () => {
  const lines = USAGE.split('\n')
  expect(lines.length).toBeLessThan(24)
  expect(lines.filter(({ length }) => length > 80)).toEqual([])
})

describe('what cannot be is one sentence with the fix', () => {
  test.each<[string, ...string[]]>([
    ['--port: "abc" is not a port. Fix: a whole number up to 65535, such as --port 8788.', '--port', 'abc'],
    ['--port: "65536" is not a port. Fix: a whole number up to 65535, such as --port 8788.', '--port=65536'],
    ['--port: "-1" is not a port. Fix: a whole number up to 65535, such as --port 8788.', '--port=-1'],
    ['--port: "1e3" is not a port. Fix: a whole number up to 65535, such as --port 8788.', '--port=1e3'],
    [
      '--inspector-port: "" is not a port. Fix: a whole number up to 65535, such as --inspector-port 8788.',
      '--inspector-port=',
    ],
    ['--workspace: no folder is named. Fix: name one, or leave the option out.', '--workspace='],
    ['--workspace: no folder is named. Fix: name one, or leave the option out.', '--workspace', ''],
    ['--persist-to: no folder is named. Fix: name one, or leave the option out.', '--persist-to='],
    [`--workspace: there is no folder "${join(home, 'none')}". Fix: make it, or name another.`, '--workspace', 'none'],
    [
      `--workspace: "${project}" is this project's own folder, which holds its token. Fix: name another, such as a folder below it.`,
      '--workspace',
      'project',
    ],
    [
      `--workspace: "${join(home, 'link')}" is this project's own folder, which holds its token. Fix: name another, such as a folder below it.`,
      '--workspace',
      'link',
    ],
    [
      '--workspace: a container cannot work in a folder of this machine. Fix: leave one of both out.',
      '--container',
      '--workspace',
      'photos',
    ],
    ['--var: "NAME" has no name and value. Fix: --var NAME:VALUE.', '--var', 'NAME'],
  ])('%s', (words, ...args) => {
    expect(() => parse(...args)).toThrow(expect.objectContaining({ name: 'CannotStart', message: words }))
  })

  test.each<[string, RegExp, ...string[]]>([
    ['an unknown one', /^Unknown option '--ip'\.\n\nnpm run dev -- \[options\]/, '--ip', '0.0.0.0'],
    ['a missing value', /^Option '--workspace <value>' argument missing\.\n\nnpm run dev/, '--workspace'],
    [
      'a value that is another option',
      /^Option '--workspace' argument is ambiguous\.\n\nnpm run dev/,
      '--workspace',
      '--container',
    ],
    ['a word', /^Unexpected argument 'photos'\.\n\nnpm run dev/, 'photos'],
  ])('%s comes with the usage', (_what, words, ...args) => {
    expect(() => parse(...args)).toThrow(words)
  })
})
