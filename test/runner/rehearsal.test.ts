/** A process is rehearsed before it has a program, for speed alone: no program can tell. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { testPython } from '../support/python.ts'

const pathOf = (name: string) => fileURLToPath(new URL(name, import.meta.url))

test('a program sees the same in a process that was rehearsed as in one that was not', async () => {
  const script = [pathOf('rehearsal.py'), pathOf('../fixtures/programs/look_around.py')]
  const { stdout } = await promisify(execFile)(await testPython(), script)
  const [plain, rehearsed, ...rest] = stdout.trimEnd().split('\n')
  expect(rest).toEqual([])
  expect(JSON.parse(rehearsed!)).toEqual(JSON.parse(plain!))
  expect(JSON.parse(plain!)).toMatchObject({ random: false, priority: expect.any(Number) })
})
