/** The ways of signing in that this server has. A server without a secret to prove cookies with has none. */
import type { Env } from '../../env.ts'
import { operatorSecret } from '../keys.ts'
import { githubProvider } from './github.ts'
import type { IdentityProvider } from './identity.ts'
import { oidcProvider } from './oidc.ts'

export function identityProviders(env: Env): IdentityProvider[] {
  if (operatorSecret(env) === null) return []
  return [githubProvider(env), oidcProvider(env)].filter((provider) => provider !== null)
}
