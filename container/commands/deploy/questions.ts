/** Questions for a person, and the help for answering them. */
import type { Provider, SecretName } from './secrets.ts'

export const CHOOSE_PROVIDER = `
Who vouches for your users?
  1  GitHub (an OAuth app)
  2  any OpenID Connect issuer (Google, Entra, Okta, Auth0, Cloudflare Access …)
1 or 2: `

/** Help that is shown before the questions for a provider's secrets. `origin`: the Worker's future address. */
export function providerHelp(provider: Provider, origin: string): string {
  const callback = `${origin}/sign-in/${provider}/callback`
  switch (provider) {
    case 'github':
      return `
Make an OAuth app: https://github.com/settings/applications/new (or in the settings of your organisation)
  Homepage URL                ${origin}
  Authorization callback URL  ${callback}
then "Generate a new client secret".`
    case 'oidc':
      return `
Make a confidential client ("web application") at your issuer, with the redirect URI
  ${callback}`
  }
}

export function question(name: SecretName): string {
  switch (name) {
    case 'ALLOWED_USERS':
      return `
Who may sign in? Addresses, @domains, GitHub logins, separated by commas; * lets everybody in, at your cost.
ALLOWED_USERS: `
    case 'OIDC_ISSUER':
      return 'OIDC_ISSUER (such as https://accounts.google.com): '
    default:
      return `${name}: `
  }
}

/** Returns whether a secret's letters are hidden while they are typed. */
export function isHidden(name: SecretName): boolean {
  return name.endsWith('_SECRET')
}
