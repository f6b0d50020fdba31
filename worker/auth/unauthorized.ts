/** Text for people beside the challenge of a request without a valid token: for users of curl, and readers of a client's log. */
import { metadataAddress, resourceOf } from './resource-names.ts'

/** Adds a body to a refusal of the provider, which has none. Returns every other answer as it is. */
export function explained(request: Request, response: Response): Response {
  if (response.body !== null || (response.status !== 401 && response.status !== 503)) return response
  const refusal = response.status === 503 ? UNCHECKED : refusalOf(request)
  const headers = new Headers(response.headers)
  headers.delete('content-length')
  headers.set('content-type', 'application/json')
  return new Response(JSON.stringify(refusal), { status: response.status, headers })
}

const UNCHECKED = {
  error: 'temporarily_unavailable',
  error_description: 'The token could not be checked. Next: try again in a moment.',
}

function refusalOf(request: Request): { error: string; error_description: string } {
  const requested = new URL(request.url)
  const account = `${requested.origin}/account`
  const authorization = request.headers.get('authorization') ?? ''
  if (authorization === '') {
    const metadata = metadataAddress(resourceOf(requested))
    const words = `This request has no token. Next: sign in with a client that knows OAuth (it begins at ${metadata}), or make a token at ${account} and send it as "Authorization: Bearer TOKEN".`
    return { error: 'missing_token', error_description: words }
  }
  if (!/^bearer[\t ]+[^\s,]+$/i.test(authorization)) {
    const words = `The Authorization header is not "Bearer TOKEN", with one token and nothing else. Next: send it so. A token is made at ${account}.`
    return { error: 'missing_token', error_description: words }
  }
  const words = `This token is not valid here: it has run out, was revoked, is another server's, or its user is not let in any more. Next: sign in again, or make a new token at ${account}.`
  return { error: 'invalid_token', error_description: words }
}
