import { expect, test } from 'vitest'
import { fingerprint, fingerprintOfText } from '../../worker/learning/fingerprint.ts'

function print(type: string, message: string, frame: string | null = null): string | null {
  return fingerprint({ type, message, frame })
}

test.each([
  ['ZeroDivisionError', 'division by zero', 'ZeroDivisionError: division by zero'],
  ['ModuleNotFoundError', `No module named 'cv2'`, `ModuleNotFoundError: No module named 'cv2'`],
  [
    'AttributeError',
    `module 'numpy' has no attribute 'float'`,
    `AttributeError: module 'numpy' has no attribute 'float'`,
  ],
  ['KeyError', `'price'`, `KeyError: 'price'`],
  ['KeyError', `'a key with words in it'`, null],
  ['KeyError', '17', null],
  [
    'ValueError',
    `invalid literal for int() with base 10: 'abc'`,
    `ValueError: invalid literal for int() with base #: '…'`,
  ],
  [
    'ValueError',
    `time data '2024-01-31' does not match format '%d.%m.%Y'`,
    `ValueError: time data '…' does not match format '…'`,
  ],
  [
    'FileNotFoundError',
    `[Errno 2] No such file or directory: '/tmp/x/in.csv'`,
    `FileNotFoundError: [Errno #] No such file or directory: '…'`,
  ],
  ['OSError', 'cannot open /var/data/run_17/in.csv or data/in.csv', 'OSError: cannot open <path> or <path>'],
  ['OSError', 'cannot open C:\\Users\\me\\in.csv', 'OSError: cannot open <path>'],
  [
    'json.decoder.JSONDecodeError',
    'Expecting value: line 1 column 1 (char 0)',
    'json.JSONDecodeError: Expecting value: line # column # (char #)',
  ],
  [
    'requests.exceptions.ConnectionError',
    'https://example.org/a?b=1 did not answer',
    'requests.ConnectionError: <url> did not answer',
  ],
  [
    'TypeError',
    `<__main__.A object at 0x7f3a2c1d9e50> is not JSON serializable`,
    'TypeError: <__main__.A object at <hex>> is not JSON serializable',
  ],
  [
    'RuntimeError',
    'job 6fa459ea-ee8a-3ca4-894e-db77e160355e and commit 3f786850e387550f failed',
    'RuntimeError: job <id> and commit <hex> failed',
  ],
  [
    'ValueError',
    'shapes (3,4) and (5,6,7) not aligned: 4.0 != -5e10',
    'ValueError: shapes (#) and (#) not aligned: # != #',
  ],
  ['TypeError', 'Cannot cast int64 to float32', 'TypeError: Cannot cast int64 to float32'],
  ['ValueError', `can't multiply, don't try`, `ValueError: can't multiply, don't try`],
  ['ValueError', 'first line\nsecond line', 'ValueError: first line'],
  ['ValueError', '\u001b[31mred\u001b[0m \u200bmessage', 'ValueError: red message'],
])('%s: %s', (type, message, expected) => {
  expect(print(type, message)).toBe(expected)
})

test('the same error in another place, with other data, has the same fingerprint', () => {
  expect(print('ValueError', `could not convert string to float: 'n/a'`)).toBe(
    print('ValueError', `could not convert string to float: '12,5'`),
  )
  expect(print('OSError', 'bad page 17 in /data/a/x.db at 0xdeadbeef')).toBe(
    print('OSError', 'bad page 4711 in /srv/b/c/y.db at 0x1'),
  )
})

test('different names are different errors', () => {
  expect(print('ModuleNotFoundError', `No module named 'a'`)).not.toBe(
    print('ModuleNotFoundError', `No module named 'b'`),
  )
})

test.each([
  'Timeout',
  'MemoryLimit',
  'ProcessLimit',
  'WorkspaceQuota',
  'Signal',
  'SystemExit',
  'KeyboardInterrupt',
  '',
])('%s has none: it has as many causes as there are programs', (type) =>
  expect(print(type, 'the program ran longer than 50 s')).toBeNull(),
)

test('a message that says nothing is told apart by the failing line', () => {
  const frame = (line: string) => `  2 | x = 1\n> 3 | ${line}\n  4 | `
  expect(print('AssertionError', '', frame('    assert total == 17'))).toBe('AssertionError @ assert total == #')
  expect(print('SyntaxError', 'invalid syntax', frame('if x = 1:'))).toBe('SyntaxError: invalid syntax @ if x = #:')
  expect(print('AssertionError', '')).toBeNull()
})

test('is bounded for hostile messages', () => {
  for (const message of [
    `'`.repeat(100_000),
    '/a'.repeat(50_000),
    '1'.repeat(100_000),
    'a-'.repeat(50_000),
    '"\\'.repeat(50_000),
  ]) {
    expect((print('ValueError', message) ?? '').length).toBeLessThanOrEqual(200)
  }
})

test.each([
  ['ValueError: bad thing 17', 'ValueError: bad thing #'],
  ['Traceback (most recent call last):\n  File "x.py", line 3\nKeyError: \'price\'\n', `KeyError: 'price'`],
  ['ModuleNotFoundError.*cv2', null],
  ['(a+)+$', null],
  ['KeyError', null],
  ['note: it fails', null],
  ['', null],
])('as somebody wrote it down: %s', (text, expected) => {
  expect(fingerprintOfText(text)).toBe(expected)
})
