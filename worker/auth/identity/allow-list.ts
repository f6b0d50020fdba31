/** The operator's allow list, ALLOWED_USERS: addresses, `@domains`, GitHub logins, or `*` for everybody who can sign in. */
import type { Env } from '../../env.ts'
import { type Identity, LOCAL_DEVELOPER } from './identity.ts'

/**
 * Returns whether an identity is on the list. An empty list allows nobody: programs cost their operator money. An address counts only when
 * the issuer has verified it; letter case does not matter.
 */
export function isAllowed(env: Pick<Env, 'ALLOWED_USERS' | 'DEV_TOKEN'>, identity: Identity): boolean {
  if (identity.issuer === LOCAL_DEVELOPER.issuer) return Boolean(env.DEV_TOKEN)
  const login = identity.login?.toLowerCase()
  const email = identity.email?.toLowerCase()
  const domain = email?.slice(email.lastIndexOf('@'))
  return entries(env.ALLOWED_USERS).some(
    (entry) => entry === '*' || entry === login || entry === email || (entry.startsWith('@') && entry === domain),
  )
}

function entries(list: string | undefined): string[] {
  return (list ?? '')
    .split(/[\s,;]+/)
    .filter((entry) => entry !== '')
    .map((entry) => entry.toLowerCase())
}
