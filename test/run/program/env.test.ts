/** Variables that a call may give its program, and what is left of their values where something is stored. */
import { expect, test } from 'vitest'
import { envProblem, hidingValues, withoutValues } from '../../../worker/run/program/env.ts'
import { OutcomeFold } from '../../../worker/run/execution/outcome-fold.ts'

test('names that decide how a program starts are refused with the reason; others are the caller’s', () => {
  for (const name of ['PATH', 'HOME', 'TMPDIR', 'PYTHONPATH', 'LD_PRELOAD', 'RUN_PACKAGES', 'RUN_PACKAGE_LISTS'])
    expect(envProblem({ [name]: 'x' })).toBe(
      `"${name}" is set by the server and decides how programs start. Next: leave it out; a program can set it for its own children.`,
    )
  for (const name of ['A B', '1A', 'A=B', 'Ä']) expect(envProblem({ [name]: 'x' })).toContain('is not a variable')
  for (const name of ['', 'A'.repeat(201)])
    expect(envProblem({ [name]: 'x' })).toBe('a name has 1 to 200 characters. Next: give another one.')
  expect(envProblem({ A: 'a\0b' })).toContain('NUL')
  expect(envProblem({ A: 'x'.repeat(65_536) })).toBe('is longer than 64 KiB. Next: pass data in "files".')
  expect(envProblem({ API_KEY: 'x', _a1: '', MY_PATH: '/x', LDAP: 'y' })).toBeNull()
})

test('a value is taken out of texts wherever it is, also as repr() shows it, and the longer one first', () => {
  const hide = hidingValues({
    KEY: 'abc"def',
    LONG: 'abc"defghi',
    MODE: 'test',
    LINE: ' with-spaces\n',
    DOLLAR: '$&$1$&x',
  })
  expect(hide('abc"def! abc"defghi {"a": "abc\\"def"} test with-spaces $&$1$&x')).toBe(
    '[value of KEY]! [value of LONG] {"a": "[value of KEY]"} test [value of LINE] [value of DOLLAR]',
  )
  expect(hidingValues()('abc')).toBe('abc')
})

test('an outcome is stored without them, and its facts stay what they are', () => {
  const outcome = {
    ...new OutcomeFold().outcome('r_1', 'local'),
    status: 'error' as const,
    stdout: 'key success',
    stderr: 'ValueError: success',
    hints: ['success?'],
    error: { type: 'ValueError', message: 'success', line: 1, frame: "> 1 | raise ValueError('success')" },
  }
  expect(withoutValues(outcome, hidingValues({ V: 'success', E: 'ValueError' }))).toEqual({
    ...outcome,
    stdout: 'key [value of V]',
    stderr: '[value of E]: [value of V]',
    hints: ['[value of V]?'],
    error: { type: 'ValueError', message: '[value of V]', line: 1, frame: "> 1 | raise [value of E]('[value of V]')" },
  })
})
