import { expect, test } from 'vitest'
import { nameOf, normalName, parseRequirements } from '../../../worker/run/packages/requirement.ts'
import { ACCEPTED, REFUSED, REFUSED_BY_THE_WORKER } from '../../fixtures/requirements.ts'

test('the tables are as long as promised', () => {
  expect(ACCEPTED.length).toBeGreaterThanOrEqual(60)
  expect(new Set([...REFUSED, ...REFUSED_BY_THE_WORKER]).size).toBeGreaterThanOrEqual(100)
})

test.each(ACCEPTED)('%j is taken apart', (text, specs) => {
  const parsed = parseRequirements(text)
  if ('refused' in parsed) throw new Error(parsed.refused)
  expect(parsed.requirements.map(({ spec }) => spec)).toEqual(specs)
  for (const { spec, name } of parsed.requirements) expect(nameOf(spec)).toBe(name)
})

test.each([...REFUSED, ...REFUSED_BY_THE_WORKER])('%j is refused with a message that fits on a line', (text) => {
  const parsed = parseRequirements(text)
  if (!('refused' in parsed)) throw new Error(`accepted as ${JSON.stringify(parsed.requirements)}`)
  expect(parsed.refused).toMatch(/^[^\p{Cc}]{20,400}$/u)
  expect(parsed.refused).toMatch(/[.]$/)
})

test.each([
  ['--pre', 'options do not reach the installer'],
  ['demo @ https://example.com/demo.whl', 'addresses are not installed from'],
  ['./demo', 'files and folders are not installed from'],
  ['"demo"', 'without quotes'],
  ['a,,b', 'missing before the comma'],
  ['requests>=2 <3', 'a comma after another one'],
  ['pandas==latest', 'the name alone for the newest'],
  ['pandas>=2.*', 'write pandas>=2'],
  ['pip install pandas', 'without "pip install"'],
  ['pandas and numpy', '"and" would be taken as a package'],
  ['a\nb', 'separate them with commas'],
  ['rеquests', 'write "requests"'],
  ['ｒequests', 'write "requests"'],
  ['requests\u200b', 'U+200B'],
])('%j is told: %s', (text, words) => {
  expect(parseRequirements(text)).toMatchObject({ refused: expect.stringContaining(words) })
})

test.each([
  ['Scikit_Learn', 'scikit-learn'],
  ['ruamel.yaml', 'ruamel-yaml'],
  ['a-_.b', 'a-b'],
  ['PyYAML', 'pyyaml'],
])('the normal form of %s is %s', (name, normal) => {
  expect(normalName(name)).toBe(normal)
})

test('a hostile text is refused at once, however long', () => {
  for (const text of [
    'a'.repeat(4000),
    'a,'.repeat(2000),
    `a[${'b,'.repeat(2000)}`,
    `a${'>=1,'.repeat(1000)}`,
    '\u{fdfa}'.repeat(4000),
  ]) {
    expect(parseRequirements(text)).toHaveProperty('refused')
  }
})
