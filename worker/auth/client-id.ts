/** Client ids: registered ones, and addresses of client ID metadata documents. */

/** Longest wait for a metadata document to begin. Milliseconds. */
const LOOK_MS = 5_000

/** Returns whether a text may be a client id: visible ASCII without a password, as an id that leads to nothing is logged. */
export function isClientId(text: string): boolean {
  if (!/^[\x21-\x7e]{1,400}$/.test(text)) return false
  if (!URL.canParse(text)) return true
  const { username, password } = new URL(text)
  return username === '' && password === ''
}

/**
 * Returns whether a client id that is an address serves its metadata document itself, without a redirect. With redirects allowed, an app
 * could show the name of any site that redirects at will. The provider's own fetch follows redirects; the specification forbids it
 * (draft-ietf-oauth-client-id-metadata-document, "Client Information Discovery").
 */
export async function isAtItsAddress(clientId: string): Promise<boolean> {
  if (!/^https:\/\//i.test(clientId)) return true
  let response: Response
  try {
    response = await fetch(clientId, {
      redirect: 'manual',
      headers: { accept: 'application/json', 'user-agent': 'mcp-code-mode' },
      signal: AbortSignal.timeout(LOOK_MS),
    })
  } catch {
    return false // no answer in time, or none at all
  }
  await response.body?.cancel()
  return (
    response.status === 200 && /^application\/(?:[\w.-]+\+)?json\b/i.test(response.headers.get('content-type') ?? '')
  )
}
