/** PKCE (RFC 7636), which every client has to use: a client with a secret, too, and never weaker than S256 over 43 characters. */

/** Returns whether an authorization request is bound to a verifier: the challenge is the base64url of a SHA-256. */
export function isChallenged(parameters: URLSearchParams): boolean {
  return (
    parameters.get('code_challenge_method') === 'S256' &&
    /^[A-Za-z0-9_-]{43}$/.test(parameters.get('code_challenge') ?? '')
  )
}

export function isVerifier(text: string): boolean {
  return /^[A-Za-z0-9._~-]{43,128}$/.test(text)
}
