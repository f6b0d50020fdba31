/**
 * Spelling of redirect URIs, beside what the provider asks of them (https, or http on loopback). A client, the consent page and a browser
 * have to read the same address, and the host may be nothing but a name in a Content-Security-Policy.
 */

/** Longest redirect URI. Characters; it comes back in a header. */
const MAX_CHARS = 2_000
/** Longest name in DNS. */
const MAX_HOST_CHARS = 253
const HOST = /^(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:]+\])$/

/** The problem of a redirect URI, in words that follow "the redirect URI"; null when it has none, or is of an app's own scheme. */
export function redirectUriProblem(uri: string): string | null {
  if (uri.length > MAX_CHARS) return `is longer than ${MAX_CHARS} characters`
  if (!URL.canParse(uri)) return 'is no URI'
  const { href, origin, hostname, protocol } = new URL(uri)
  // Clients list these beside others; the provider sends nobody there.
  if (protocol !== 'https:' && protocol !== 'http:') return null
  if (hostname.length > MAX_HOST_CHARS || !HOST.test(hostname)) return 'has a host that is no name'
  return uri === href || uri === origin ? null : `is not spelled as browsers spell it, which is ${href}`
}
