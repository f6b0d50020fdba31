import { expect, test } from 'vitest'
import { redact } from '../../worker/learning/redact.ts'

// Put together here, so that no scanner takes this file for a leak.
const join = (...parts: string[]) => parts.join('')
const PEM = join('-----BEGIN RSA PRIV', 'ATE KEY-----\nMIIEow\nabc\n-----END RSA PRIV', 'ATE KEY-----')
const JWT = join('eyJhbGciOiJIUzI1NiJ9', '.eyJzdWIiOiIxMjM0NTY3ODkwIn0', '.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P')

test.each([
  ['a private key', `key:\n${PEM}\nend`, 'key:\n[redacted]\nend'],
  ['a torn private key', PEM.slice(0, 40), '[redacted]'],
  ['a JSON web token', `got ${JWT} back`, 'got [redacted] back'],
  ['a personal token of ours', join('mcpcm_', '0123456789abcdef0123456789abcdef0123-_'), '[redacted]'],
  ['an OpenAI key', join('sk-', 'proj-abcdefghij1234567890'), '[redacted]'],
  ['a GitHub token', join('gh', 'p_', 'a1'.repeat(18)), '[redacted]'],
  ['a fine-grained GitHub token', join('github', '_pat_', 'a1'.repeat(15)), '[redacted]'],
  ['a GitLab token', join('glp', 'at-', 'a1'.repeat(10)), '[redacted]'],
  ['a Slack token', join('xox', 'b-1234567890-abcdef'), '[redacted]'],
  ['an AWS key id', join('AKIA', 'IOSFODNN7EXAMPLE'), '[redacted]'],
  ['a Google key', join('AIza', 'Sy'.repeat(17)), '[redacted]'],
  ['a Hugging Face token', join('hf', '_', 'aB1'.repeat(10)), '[redacted]'],
  ['an npm token', join('npm', '_', 'aB1'.repeat(12)), '[redacted]'],
  ['a Stripe key', join('sk', '_live_', 'a1'.repeat(8)), '[redacted]'],
  ['a Telegram bot token', join('123456789:', 'AAbbccddee'.repeat(3), 'ffggh'), '[redacted]'],
  ['a bearer header', 'Authorization: Bearer abc.def-123', /^Authorization: (Bearer )?\[redacted\]$/],
  [
    'a basic header in code',
    `headers={"Authorization": "Basic dXNlcjpwYXNz"}`,
    `headers={"Authorization": [redacted]}`,
  ],
  ['a cookie header', 'Cookie: session=abcdef; theme=dark', 'Cookie: [redacted]'],
  ['a connection string', 'postgres://app:hunter2@db.internal:5432/x', 'postgres://[redacted]@db.internal:5432/x'],
  ['a URL with a token as user', 'https://x-token@github.com/a/b', 'https://[redacted]@github.com/a/b'],
  ['a signed URL', 'https://s/x?a=1&sig=abc%2Bdef12&b=2', 'https://s/x?a=1&sig=[redacted]&b=2'],
  [
    'an Azure connection string',
    'AccountName=a;AccountKey=abc123def456==;X=1',
    'AccountName=a;AccountKey=[redacted];X=1',
  ],
  ['a password in code', `connect(user="me", password='hunter2')`, `connect(user="me", password=[redacted])`],
  ['an environment variable', `os.environ["API_KEY"] = "abc"`, `os.environ["API_KEY"] = [redacted]`],
  ['a value that was cut off', `password = "hunt`, 'password = [redacted]'],
  ['JSON', `{"client_secret": "abc", "n": 1}`, `{"client_secret": [redacted], "n": 1}`],
  ['an env file', 'DB_PASSWORD=hunter2x\nDEBUG=1', 'DB_PASSWORD=[redacted]\nDEBUG=1'],
  ['a command line', 'mysql --password=hunter2 --host x', 'mysql --password=[redacted] --host x'],
  [
    'two arguments',
    `session.headers.setdefault("X-Api-Key", "abcdefghijkl")`,
    `session.headers.setdefault("X-Api-Key", [redacted])`,
  ],
  ['hex without a name', `md5 ${'0a1b'.repeat(8)}`, 'md5 [redacted]'],
  ['a long random run', `x ${join('Ab1', 'cD2eF3'.repeat(7))}== y`, 'x [redacted] y'],
])('%s', (_name, text, expected) => {
  if (typeof expected === 'string') expect(redact(text)).toBe(expected)
  else expect(redact(text)).toMatch(expected)
})

test.each([
  'token = next(tokens)',
  'password = os.environ["DB"].strip()',
  'for key, value in data.items():',
  'secret = load_secret()',
  `KeyError: 'price'`,
  'assert_that_a_very_long_function_name_is_left_alone_as_it_is()',
  '/usr/lib/python3/dist-packages/numpy/core/_multiarray_umath.py',
  '6fa459ea-ee8a-3ca4-894e-db77e160355e',
  'https://example.org/path?page=2&sort=name',
  'tokenizer = AutoTokenizer.from_pretrained(name)',
])('left alone: %s', (text) => {
  expect(redact(text)).toBe(text)
})

test('what is redacted stays so', () => {
  const once = redact(`password="x1y2z3" postgres://a:b@c ${JWT}`)
  expect(redact(once)).toBe(once)
})

test('is quick for hostile texts', () => {
  const began = performance.now()
  for (const piece of [
    'a',
    'token',
    'a.',
    '-----BEGIN PRIVATE KEY-----',
    'eyJ',
    'http://',
    '"',
    'password = ',
    '://a',
    'Cookie: ',
  ]) {
    redact(piece.repeat(Math.ceil(100_000 / piece.length)))
  }
  expect(performance.now() - began).toBeLessThan(5000)
})
