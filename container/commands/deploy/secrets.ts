/** Secrets that a Worker has, is given and lacks. Pure: nothing is asked and nothing stored here. */
import { randomBytes } from 'node:crypto'

/** Secrets of each provider: one of these lists, whole, lets users sign in. */
export const PROVIDERS = {
  github: ['GITHUB_CLIENT_ID', 'GITHUB_CLIENT_SECRET'],
  oidc: ['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET'],
} as const

export type Provider = keyof typeof PROVIDERS

/** Secrets that are taken from the environment when they are there, and never asked for. */
const OPTIONAL = ['PUBLIC_URL', 'GITHUB_URL', 'OIDC_NAME', 'OIDC_TRUST_EMAIL'] as const

export type SecretName =
  | 'AUTH_SECRET'
  | 'ALLOWED_USERS'
  | (typeof PROVIDERS)[Provider][number]
  | (typeof OPTIONAL)[number]

const MIN_AUTH_SECRET = 32

export interface SecretPlan {
  /** Secrets from the environment, or made here. */
  set: Partial<Record<SecretName, string>>
  /** Secrets that are still missing. */
  ask: SecretName[]
  /** Set when no provider has any secret: one has to be chosen, and then all of its list is missing. */
  chooseProvider: boolean
  /** Problems of the environment's values, as sentences. */
  problems: string[]
}

/**
 * Secrets to store so that the Worker can sign users in. `known`: the names that it has, as secrets or variables; these stay as they are.
 * `given`: the environment.
 */
export function planSecrets(
  known: ReadonlySet<string>,
  given: Readonly<Record<string, string | undefined>>,
): SecretPlan {
  const set: SecretPlan['set'] = {}
  const ask: SecretName[] = []
  const problems: string[] = []
  const take = (name: SecretName): boolean => {
    if (known.has(name)) return true
    const value = given[name]?.trim()
    if (!value) return false
    const problem = problemOf(name, value)
    if (problem === null) set[name] = value
    else problems.push(problem)
    return true
  }

  if (!take('AUTH_SECRET')) set.AUTH_SECRET = randomBytes(32).toString('base64url')
  if (!take('ALLOWED_USERS')) ask.push('ALLOWED_USERS')
  let chooseProvider = true
  for (const names of Object.values(PROVIDERS)) {
    const missing: SecretName[] = names.filter((name) => !take(name))
    if (missing.length === names.length) continue
    chooseProvider = false
    ask.push(...missing)
  }
  for (const name of OPTIONAL) take(name)
  return { set, ask, chooseProvider, problems }
}

/** The reason why the Worker could not work with this value, as a sentence; null: it can. Never quotes the value of a secret. */
export function problemOf(name: SecretName, value: string): string | null {
  switch (name) {
    case 'AUTH_SECRET':
      return value.length < MIN_AUTH_SECRET
        ? `AUTH_SECRET has ${value.length} characters and needs at least ${MIN_AUTH_SECRET}. Fix: leave it out, and one is made.`
        : null
    case 'PUBLIC_URL': {
      const url = parsed(value)
      return url?.protocol === 'https:' && `${url.origin}/` === url.href
        ? null
        : `PUBLIC_URL is not an origin: "${value}". Fix: such as https://code.example.com, without a path.`
    }
    case 'OIDC_ISSUER':
    case 'GITHUB_URL':
      return parsed(value)?.protocol === 'https:' ? null : `${name} is not an https address: "${value}".`
    case 'OIDC_TRUST_EMAIL':
      return value === 'true' || value === 'false'
        ? null
        : `OIDC_TRUST_EMAIL is "${value}". Fix: true, or leave it out.`
    case 'ALLOWED_USERS':
      return /[^\s,;]/.test(value)
        ? null
        : 'ALLOWED_USERS names nobody. Fix: such as ann@example.com, @example.com, or *.'
    case 'GITHUB_CLIENT_ID':
    case 'GITHUB_CLIENT_SECRET':
    case 'OIDC_CLIENT_ID':
    case 'OIDC_CLIENT_SECRET':
    case 'OIDC_NAME':
      return value === '' ? `${name} is empty.` : null
  }
}

function parsed(address: string): URL | null {
  return URL.canParse(address) ? new URL(address) : null
}

/** The missing secrets where nobody can be asked, in one sentence with the fix. */
export function missingWords({ ask, chooseProvider }: SecretPlan): string {
  const provider = Object.values(PROVIDERS)
    .map((names) => names.join(' and '))
    .join(', or ')
  const missing = [...ask, ...(chooseProvider ? [provider] : [])].join('; ')
  return `The Worker lacks ${missing}. Nobody can be asked here. Fix: set them in the environment, or run "npm run deploy" in a terminal.`
}
