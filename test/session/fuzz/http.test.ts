/** Headers, addresses, queries and bodies of every route, by somebody with a token and a signed-in browser. */
import * as fc from 'fast-check'
import { beforeAll, test } from 'vitest'
import { FUZZ_PATIENCE_MS, inputs, sayTheSeed } from '../../support/fuzz.ts'
import { oddBody, oddJson, oddMessage, oddText } from '../../support/odd-values.ts'
import { answered, normalBetween } from '../support/fuzzed.ts'
import { browserOf } from '../support/oauth.ts'
import { ROUTES } from '../support/routes.ts'
import { userToken } from '../support/users.ts'

let token: string
let cookie: string
let normal: () => Promise<void>
beforeAll(async () => {
  sayTheSeed()
  const name = crypto.randomUUID()
  token = await userToken(name)
  cookie = [...(await browserOf(name)).cookies()].map(([key, value]) => `${key}=${value}`).join('; ')
  normal = normalBetween(token)
})

/** What ends the user, or every token of it. */
const ENDS = ['/account/delete', '/account/sign-out-everywhere', '/sign-out', '/account/tokens/revoke']
const pairs = ROUTES.flatMap(([path, ...methods]) =>
  ENDS.includes(path) ? [] : methods.map((method) => [path, method] as const),
)
const route = fc.constantFrom(...pairs)

async function sent(path: string, method: string, headers: Record<string, string>, body?: string): Promise<void> {
  const own = { host: 'localhost', origin: 'http://localhost', authorization: `Bearer ${token}`, cookie }
  // These streams stay open.
  const [bare = path] = path.split('?')
  const isOpen = method === 'GET' && (bare === '/mcp' || bare.endsWith('/runs/live'))
  await answered(path, { method, headers: { ...own, ...headers }, ...(body !== undefined && { body }) }, isOpen)
  await normal()
}

/** A header's value as `fetch` lets it through. */
const headerText = oddText.map((text) => text.replaceAll(/[^\t -~]/g, '').trim())
const HEADERS = [
  'accept',
  'accept-encoding',
  'accept-language',
  'content-type',
  'cookie',
  'forwarded',
  'if-match',
  'if-none-match',
  'last-event-id',
  'mcp-method',
  'mcp-name',
  'mcp-protocol-version',
  'mcp-session-id',
  'range',
  'referer',
  'traceparent',
  'user-agent',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'authorization',
  'origin',
  'host',
]

test('odd headers on every route', { timeout: FUZZ_PATIENCE_MS }, async () => {
  const headers = fc.dictionary(fc.constantFrom(...HEADERS), headerText, { minKeys: 1, maxKeys: 4 })
  await fc.assert(
    fc.asyncProperty(route, headers, ([path, method], odd) =>
      sent(path, method, odd, method === 'GET' || method === 'DELETE' ? undefined : '{}'),
    ),
    inputs(300),
  )
})

const PREFIXES = [
  '/files/',
  '/runs/',
  '/learnings/',
  '/runs/r_0123456789abcdef/',
  '/',
  '/oauth/',
  '/.well-known/',
  '/account/',
  '/sign-in/',
  '/mcp/',
]
/** A part of an address: as it stands, escaped, or with a half of an escape. */
const part = fc.tuple(oddText, fc.constantFrom('plain', 'escaped', 'twice', 'half')).map(([text, how]) => {
  const escaped = encodeURIComponent(text.toWellFormed()).slice(0, 6_000)
  if (how === 'escaped') return escaped
  if (how === 'twice') return encodeURIComponent(escaped)
  if (how === 'half') return `${escaped}%e2%8`
  return text.toWellFormed().replaceAll(/[#\s]/g, '').slice(0, 6_000)
})

test('odd addresses', { timeout: FUZZ_PATIENCE_MS }, async () => {
  const method = fc.constantFrom('GET', 'GET', 'GET', 'DELETE', 'PUT', 'PATCH', 'POST')
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...PREFIXES), part, method, async (prefix, rest, how) => {
      if (ENDS.some((end) => `${prefix}${rest}`.startsWith(end))) return
      const hasBody = how !== 'GET' && how !== 'DELETE'
      await sent(prefix + rest, how, { 'content-type': 'application/json' }, hasBody ? '{}' : undefined)
    }),
    inputs(400),
  )
})

test('odd queries', { timeout: FUZZ_PATIENCE_MS }, async () => {
  const keys = [
    'search',
    'status',
    'limit',
    'before',
    'kind',
    'format',
    'after',
    'user',
    'expires',
    'signature',
    'gate',
    'tools',
    'code',
    'state',
    'return',
  ]
  const query = fc.array(fc.tuple(fc.oneof(fc.constantFrom(...keys), oddText), oddText), { maxLength: 4 })
  await fc.assert(
    fc.asyncProperty(route, query, ([path], fields) => {
      const text = new URLSearchParams(fields.map(([key, value]) => [key.toWellFormed(), value.toWellFormed()]))
      return sent(`${path}?${text.toString().slice(0, 6_000)}`, 'GET', {})
    }),
    inputs(300),
  )
})

const BODIES: [path: string, method: string, body: unknown][] = [
  ['/runs', 'POST', { code: '1', background: true, timeout: 3, files: { 'a.txt': 'x' }, env: { A: '1' }, stdin: 'x' }],
  [
    '/learnings/import',
    'POST',
    [{ error_pattern: 'x', solution: 'y', tags: ['a'], created_at: '2026-01-01', success_count: 1 }],
  ],
  [
    '/learnings/import',
    'POST',
    { learnings: [{ kind: 'error', problem: 'x', solution: 'y', failed_approach: '', context: '', tags: [] }] },
  ],
  ['/learnings/l_0123456789abcdef', 'PATCH', { solution: 'y', tags: ['a'] }],
  ['/config', 'POST', { default_timeout: 5, time_zone: 'UTC', allowed_hosts: ['a.example'] }],
]

test('odd bodies of JSON', { timeout: FUZZ_PATIENCE_MS }, async () => {
  const body = fc.constantFrom(...BODIES).chain(([path, method, value]) => {
    const changed = oddMessage([value]).map((odd) =>
      path === '/runs' && typeof odd === 'object' && odd !== null && 'code' in odd && typeof odd.code === 'string'
        ? { ...odd, code: '1', background: true }
        : odd,
    )
    return fc.tuple(
      fc.constant(path),
      fc.constant(method),
      oddBody(fc.oneof({ weight: 6, arbitrary: changed }, { weight: 1, arbitrary: oddJson })),
    )
  })
  await fc.assert(
    fc.asyncProperty(body, ([path, method, text]) => sent(path, method, { 'content-type': 'application/json' }, text)),
    inputs(400),
  )
})
