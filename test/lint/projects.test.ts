/** A test in a folder that no project of vitest includes would never run, and nobody would miss it. */
import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, test } from 'vitest'

const TESTS = join(import.meta.dirname, '..')
/** The sandbox tests find their containers by /proc. */
const ELSEWHERE = process.platform === 'linux' ? [] : ['sandbox/']

test('every test belongs to a project', () => {
  const vitest = join(TESTS, 'node_modules', '.bin', 'vitest')
  const listed = execFileSync(vitest, ['list', '--filesOnly', '--json'], { cwd: TESTS, encoding: 'utf8' })
  const run = new Set((JSON.parse(listed) as { file: string }[]).map(({ file }) => relative(TESTS, file)))
  const written = readdirSync(TESTS, { recursive: true, encoding: 'utf8' }).filter(
    (name) =>
      name.endsWith('.test.ts') && !name.includes('node_modules') && !ELSEWHERE.some((at) => name.startsWith(at)),
  )
  expect(written.length).toBeGreaterThan(100)
  expect(written.filter((name) => !run.has(name))).toEqual([])
})
