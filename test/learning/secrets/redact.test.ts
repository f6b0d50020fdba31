import { expect, test } from 'vitest'
import { redact } from '../../../worker/learning/secrets/redact.ts'
import { HARMLESS } from './harmless.ts'
import { LEAKS } from './leaks.ts'

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
    `headers={"Authorization": "Basic [redacted]"}`,
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
  [
    'JSON within JSON',
    String.raw`{"body": "{\"api_key\":\"abc\",\"n\":1}", "a": 1}`,
    String.raw`{"body": "{\"api_key\":[redacted],\"n\":1}", "a": 1}`,
  ],
  [
    'JSON within JSON within JSON',
    String.raw`"{\"a\":\"{\\\"password\\\":\\\"x\\\",\\\"n\\\":1}\"}"`,
    String.raw`"{\"a\":\"{\\\"password\\\":[redacted],\\\"n\\\":1}\"}"`,
  ],
  ['a URL-encoded form', 'a%3D1%26password%3Dhunter2%26b%3D2', 'a%3D1%26password%3D[redacted]%26b%3D2'],
  ['a name and a value in two lines', 'token:\n  abc123def\nnext: 1', 'token:\n  [redacted]\nnext: 1'],
  ['a text in two pieces', `secret = "abc" \\\n  "def", n=1`, 'secret = [redacted], n=1'],
  ['an env file', 'DB_PASSWORD=hunter2x\nDEBUG=1', 'DB_PASSWORD=[redacted]\nDEBUG=1'],
  ['a command line', 'mysql --password=hunter2 --host x', 'mysql --password=[redacted] --host x'],
  [
    'two arguments',
    `session.headers.setdefault("X-Api-Key", "abcdefghijkl")`,
    `session.headers.setdefault("X-Api-Key", [redacted])`,
  ],
  ['hex without a name', `got ${'0a1b'.repeat(8)}`, 'got [redacted]'],
  ['a long random run', `x ${join('Ab1', 'cD2eF3'.repeat(7))}== y`, 'x [redacted] y'],
])('%s', (_name, text, expected) => {
  if (typeof expected === 'string') expect(redact(text)).toBe(expected)
  else expect(redact(text)).toMatch(expected)
})

const MARKS = /«([^»]*)»?/g

test.each(LEAKS)('%s', (_what, marked) => {
  const secrets = Array.from(marked.matchAll(MARKS), ([, secret]) => secret!)
  expect(secrets.length).toBeGreaterThan(0)
  const redacted = redact(marked.replace(MARKS, '$1'))
  for (const secret of secrets) {
    // Nor any long piece of it.
    const pieces =
      secret.length <= 12
        ? [secret]
        : [
            secret.slice(0, 12).replace(/^[a-z]+[-_.]/i, ''),
            secret.slice(-8),
            secret.slice(secret.length / 2 - 4, secret.length / 2 + 4),
          ]
    for (const piece of pieces) expect(redacted, `${piece} of ${secret}`).not.toContain(piece)
  }
  expect(redacted).toContain('[redacted]')
  expect(redact(redacted)).toBe(redacted)
})

test.each(HARMLESS)('left alone: %s', (text) => {
  expect(redact(text)).toBe(text)
})

test('what is redacted stays so', () => {
  const once = redact(`password="x1y2z3" postgres://a:b@c ${JWT}`)
  expect(redact(once)).toBe(once)
})

/** Length of texts that repeat what a pattern may begin with and not end; much longer than any text that is redacted. */
const HOSTILE_CHARS = 400_000

test.each([
  ...[
    ' ',
    '"',
    "'",
    '`',
    '\\',
    '-',
    '=',
    '\n',
    '\\\n',
    '_',
    'a',
    'a1B',
    '0a',
    '" "',
    '"+"',
    '%22',
    '://a',
    'a://b',
    '{',
    '(',
  ],
  ...[
    'token',
    'token:',
    'token="',
    'token=\\"',
    'token:\n',
    'password = (',
    'password: a = ',
    'password="a is b ',
    '--token ',
  ],
  ...[
    '-----BEGIN PRIVATE KEY-----',
    '-----BEGIN ',
    'eyJ',
    'eyJ-',
    'eyJaaaaaaaaa.',
    'sk-',
    'SG.',
    'AKIA',
    'a1B/',
    '$2b$',
  ],
  ...[
    'Cookie: ',
    'Bearer ',
    'Basic ',
    'Authorization: Bearer ',
    'curl -u ',
    'mysql -p ',
    'auth=("',
    'login a password ',
    'a.b:5432:',
  ],
  ...['AAAAAAAAAAAAAAAA\n', '?key=', 'data:image/png;base64,', 'iVBORw0KGgo', ',\nvalue:', 'api key '],
])('a long text of %j is read to its end', (piece) => {
  // Were it looked at again and again, the time for a test would be over first.
  const text = piece.repeat(HOSTILE_CHARS / piece.length)
  expect(redact(`${text}!`).length).toBeLessThanOrEqual(text.length * 11)
})
