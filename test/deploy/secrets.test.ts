/** Which secrets are taken, made, asked for and refused. */
import { expect, test } from 'vitest'
import { planSecrets, problemOf } from '../../container/commands/deploy/secrets.ts'

const plan = (known: string[], given: Record<string, string> = {}) => planSecrets(new Set(known), given)
const COMPLETE = ['AUTH_SECRET', 'ALLOWED_USERS', 'GITHUB_CLIENT_ID', 'GITHUB_CLIENT_SECRET']

test('a Worker that has everything keeps it', () => {
  const given = { AUTH_SECRET: 'x'.repeat(40), ALLOWED_USERS: '*', GITHUB_CLIENT_ID: 'another' }
  expect(plan(COMPLETE, given)).toEqual({ set: {}, ask: [], chooseProvider: false, problems: [] })
})

test('a new one is made a secret of its own, and lacks users and a provider', () => {
  const [one, two] = [plan([]), plan([])]
  expect(one).toMatchObject({ ask: ['ALLOWED_USERS'], chooseProvider: true, problems: [] })
  expect(one.set.AUTH_SECRET).toMatch(/^[\w-]{43}$/)
  expect(one.set.AUTH_SECRET).not.toBe(two.set.AUTH_SECRET)
})

test('either provider is enough, and of one that was begun the rest is asked for', () => {
  const oidc = { OIDC_ISSUER: 'https://id.example.com', OIDC_CLIENT_ID: 'id', OIDC_CLIENT_SECRET: 'secret' }
  expect(plan(['AUTH_SECRET', 'ALLOWED_USERS'], oidc)).toMatchObject({ set: oidc, ask: [], chooseProvider: false })
  expect(plan([...COMPLETE, 'OIDC_ISSUER'])).toMatchObject({ ask: ['OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET'] })
  expect(plan(['AUTH_SECRET', 'ALLOWED_USERS'], { GITHUB_CLIENT_ID: 'id' })).toMatchObject({
    set: { GITHUB_CLIENT_ID: 'id' },
    ask: ['GITHUB_CLIENT_SECRET'],
    chooseProvider: false,
  })
})

test('what is optional is taken where the Worker lacks it', () => {
  const given = { PUBLIC_URL: 'https://code.example.com', OIDC_NAME: 'Example SSO' }
  expect(plan([...COMPLETE, 'OIDC_NAME'], given).set).toEqual({ PUBLIC_URL: 'https://code.example.com' })
  expect(plan(COMPLETE, { PUBLIC_URL: '  ' })).toMatchObject({ set: {}, problems: [] })
})

test.each([
  ['AUTH_SECRET', 'x'.repeat(31)],
  ['PUBLIC_URL', 'http://code.example.com'],
  ['PUBLIC_URL', 'https://code.example.com/mcp'],
  ['PUBLIC_URL', 'code.example.com'],
  ['OIDC_ISSUER', 'http://id.example.com'],
  ['GITHUB_URL', 'github.example.com'],
  ['OIDC_TRUST_EMAIL', 'yes'],
  ['ALLOWED_USERS', ' , ;'],
] as const)('%s cannot be "%s"', (name, value) => {
  expect(problemOf(name, value)).toMatch(new RegExp(`^${name} .*\\.$`))
  const { set, problems } = plan([], { [name]: value })
  expect(problems).toEqual([problemOf(name, value.trim())])
  expect(set[name]).toBeUndefined()
})

test('a secret that cannot be used is not quoted', () => {
  expect(problemOf('AUTH_SECRET', 'too-short')).not.toContain('too-short')
})
