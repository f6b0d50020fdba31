/** Which ways of signing in this server has. */
import type { Env } from '../../env.ts'
import { githubProvider } from './github.ts'
import type { IdentityProvider } from './identity.ts'
import { oidcProvider } from './oidc.ts'

export function identityProviders(env: Env): IdentityProvider[] {
  return [githubProvider(env), oidcProvider(env)].filter((provider) => provider !== null)
}
