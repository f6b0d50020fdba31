/** Our words for models, as a person reads them on a page: no tool is named, and the next step is a page. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { brokenNeedsWords, installFailure, installFailureWords } from '../../../worker/run/packages/installer-output.ts'
import { type PackageRefusal, packageRefusalWords } from '../../../worker/run/packages/refusal.ts'
import { forPerson } from '../../../worker/web/data/for-person.ts'

const failed = (specs: string[], output: string) =>
  forPerson(installFailureWords(specs, installFailure(specs, output, 'the last line')))

test('a failed installation says what to do on the page', () => {
  expect(failed(['six==9'], 'ERROR: … six==9 (from versions: 1.16.0, 1.17.0)\n')).toBe(
    'Installing six==9 failed: there is no such version for this Python; there are 1.16.0, 1.17.0. Next: install one of these, or name no version.',
  )
  expect(failed(['x'], 'error: Request failed after 3 retries')).toBe(
    'Installing x failed: the package index could not be reached. Next: try again; if it stays so, do without the package.',
  )
  expect(forPerson(brokenNeedsWords('a 1 lacks b>=2'))).toBe(
    'What is installed does not go together: a 1 lacks b>=2. Next: install versions of these that agree.',
  )
})

test.each<[PackageRefusal, string]>([
  [
    { why: 'auto_install_off', name: 'cv2', package: 'opencv-python', suggestion: null },
    '"cv2" is not installed and auto_install is off. Next: install "opencv-python" on the page Packages, or switch auto_install on under Settings.',
  ],
  [
    { why: 'network_off', name: 'six', suggestion: null },
    '"six" is not installed: your network policy is "off", so nothing can be fetched. Next: do without it, or set network to "packages" under Settings.',
  ],
  [
    { why: 'blocked', name: 'six', package: 'six', suggestion: null },
    '"six" is on your list blocked_packages. Next: do without it, or change it under Settings.',
  ],
  [
    { why: 'look_alike', name: 'requestz', asked: 'install', suggestion: 'requests' },
    '"requestz" is not a well-known package but looks like "requests", so nothing was installed. Next: install "requests" if that is meant; if it really is this name, set allowed_packages to "*, requestz" under Settings.',
  ],
  [
    { why: 'namespace', name: 'google', suggestion: null },
    '"google" is part of a namespace that many packages share, and its package is not known. Next: install it by its package\'s name on the page Packages.',
  ],
  [
    { why: 'own_file', name: 'helpers', suggestion: null },
    '"helpers" is a name for a file of one\'s own, and there is no such file in the working folder, so nothing is installed for it. Next: write helpers.py first, or upload it on the page Files.',
  ],
])('$why', (refusal, words) => {
  expect(forPerson(packageRefusalWords(refusal))).toBe(words)
})

test.each([
  ['Waiting for a place: r_1, 1 of pip_install.', 'Waiting for a place: r_1, 1 installation.'],
  ['Waiting for a place: 11 of pip_install.', 'Waiting for a place: 11 installations.'],
])('%s', (words, said) => {
  expect(forPerson(words)).toBe(said)
})

/** A tool, or an argument of one. */
const NAMED = /pip_install|configure\b(?!d)|in "files"/

test('nothing that we say of a run names a tool that a person does not have', () => {
  const folder = join(import.meta.dirname, '../../../worker')
  const files = globSync(['run/**/*.ts', 'session/runs/*.ts', 'mcp/wanted-packages.ts'], { cwd: folder })
  const lines = files.flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n'))
  const told = lines.filter((line) => !/^\s*(?:\/\/|\/?\*)/.test(line) && NAMED.test(line))
  expect(told.length).toBeGreaterThan(20)
  expect(told.map(forPerson).filter((line) => NAMED.test(line) || /\baction\b/.test(line))).toEqual([])
})
