/** Which ways of signing in this server has: none without a secret that cookies could be proven with. */
import type { Env } from '../../env.ts'
import { operatorSecret } from '../keys.ts'
import { githubProvider } from './github.ts'
import type { IdentityProvider } from './identity.ts'
import { oidcProvider } from './oidc.ts'

export function identityProviders(env: Env): IdentityProvider[] {
  if (operatorSecret(env) === null) return []
  return [githubProvider(env), oidcProvider(env)].filter((provider) => provider !== null)
}
