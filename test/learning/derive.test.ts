import { expect, test } from 'vitest'
import { changedLines, draftsFrom, errorText, type FailedAttempt, programText } from '../../worker/learning/derive.ts'
import { storable, tagsOf } from '../../worker/learning/learning.ts'

function attempt(program: string, fingerprint: string | null = 'KeyError: a'): FailedAttempt {
  return { run_id: 'r_1', error: fingerprint ?? 'Timeout', fingerprint, program, helped: false }
}

test('the draft says what failed and which lines changed', () => {
  const [draft] = draftsFrom(
    [attempt('a = 1\nb = a["x"]\nprint(b)\n')],
    'add things',
    'a = {"x": 1}\nb = a["x"]\nprint(b)\n',
  )
  expect(draft).toMatchObject({
    fingerprint: 'KeyError: a',
    objective: 'add things',
    texts: { kind: 'error', problem: 'KeyError: a', context: 'add things' },
  })
  expect(draft?.texts.solution).toBe('Gone after this change:\n- a = 1\n+ a = {"x": 1}')
})

test('the same program teaches nothing', () => {
  expect(draftsFrom([attempt('print(1)\n')], 'x', 'print(1)  \n\n')).toEqual([])
})

test('a failure whose learning has helped makes no draft, and the others still do', () => {
  const drafts = draftsFrom([{ ...attempt('a', 'E1'), helped: true }, attempt('b', 'E2')], 'x', 'c')
  expect(drafts.map(({ texts }) => texts.problem)).toEqual(['E2'])
})

test('each error of a chain is solved by the program that worked, not by one that failed differently', () => {
  const drafts = draftsFrom([attempt('a', 'E1'), attempt('b', 'E1'), attempt('c', 'E2')], 'x', 'd')
  expect(drafts.map(({ texts }) => [texts.problem, texts.solution.split('\n').slice(1)])).toEqual([
    ['E1', ['- b', '+ d']],
    ['E2', ['- c', '+ d']],
  ])
})

test('of an error that came back the last attempt is compared', () => {
  const drafts = draftsFrom([attempt('a', 'E1'), attempt('b', null), attempt('c', 'E1')], 'x', 'd')
  expect(drafts.map(({ texts }) => [texts.problem, texts.solution.split('\n').slice(1)])).toEqual([
    ['Timeout', ['- b', '+ d']],
    ['E1', ['- c', '+ d']],
  ])
})

test('at most three drafts from one success', () => {
  const chain = Array.from({ length: 9 }, (_, i) => attempt(`program ${i}`, `E${i}`))
  expect(draftsFrom(chain, 'x', 'done').map(({ texts }) => texts.problem)).toEqual(['E6', 'E7', 'E8'])
})

test('only changed lines are in the difference, and few of them', () => {
  expect(changedLines('a\nb\nc\nd\n', 'a\nc\nx\nd\n')).toEqual(['- b', '+ x'])
  const many = changedLines('keep\n' + 'old\n'.repeat(50), 'keep\n' + 'new\n'.repeat(50))
  expect(many).toHaveLength(12)
  expect(many.at(-1)).toBe('… 89 more changed lines')
  expect(many).toContain('- old')
  expect(many).toContain('+ new')
  expect(changedLines('x'.repeat(1000), 'y')[0]!.length).toBeLessThan(170)
})

test('a change of many lines is shown as removed and added, and not compared line by line', () => {
  const lines = Array.from({ length: 5000 }, (_, i) => `line ${i}`)
  const changes = changedLines(lines.join('\n'), lines.toReversed().join('\n'))
  expect(changes).toHaveLength(12)
  // A comparison would find one line that both have.
  expect(changes.at(-1)).toBe('… 9989 more changed lines')
})

test('stored errors and programs hold no secrets and have a bound', () => {
  expect(errorText({ type: 'HTTPError', message: '401 for https://me:pw@x.org' })).toBe(
    'HTTPError: 401 for https://[redacted]@x.org',
  )
  expect(errorText({ type: 'AssertionError', message: '' })).toBe('AssertionError')
  expect(errorText({ type: 'E', message: 'x'.repeat(5000) })).toHaveLength(500)
  expect(programText('password = "hunter2"')).toBe('password = [redacted]')
  expect(programText('x '.repeat(100_000)).length).toBeLessThanOrEqual(16_000)
})

test('a secret that is torn where reading ends is not stored', () => {
  // What is read is twice what is kept; a key that is replaced makes room for its end.
  const key = `${['-----BEGIN', 'PRIVATE KEY-----'].join(' ')}\n${'A\n'.repeat(460)}${['-----END', 'PRIVATE KEY-----'].join(' ')}`
  const torn = `${key} ghp_`.padEnd(998 - 'E: '.length, 'a1')
  const stored = errorText({ type: 'E', message: `${torn}${'a1'.repeat(20)} and more` })
  expect(stored).toBe('E: [redacted]')
})

test('texts are stored clean, redacted, within the limits', () => {
  const stored = storable({
    problem: `  \u200bbad\u001b[31m  `,
    failed_approach: '',
    solution: 'token = "abc123"',
    context: 'x'.repeat(10_000),
    tags: [' A ', 'a', '', 'b\nc', ...Array.from({ length: 20 }, (_, i) => `t${i}`)],
  })
  expect(stored).toMatchObject({ problem: 'bad', solution: 'token = [redacted]' })
  expect(stored.context).toHaveLength(4000)
  expect(stored.tags).toHaveLength(10)
  expect(stored.tags.slice(0, 3)).toEqual(['a', 'b c', 't0'])
})

test('tags are a comma list', () => {
  expect(tagsOf('')).toEqual([])
  expect(tagsOf('Pandas, csv ,,pandas')).toEqual(['pandas', 'csv'])
})
