/** Form of an authorization request, checked before anything is looked up for it. The provider checks the rest. */
import { isClientId } from '../../auth/client-id.ts'
import { isChallenged } from '../../auth/pkce.ts'
import { redirectUriProblem } from '../../auth/redirect-uri.ts'
import { shownName } from '../pages/page.ts'

/** The problem, as a sentence for the user, who will tell the app's makers; null when there is none. */
export function requestProblem(parameters: URLSearchParams): string | null {
  const seen = new Set<string>()
  for (const name of parameters.keys()) {
    // Only the resource may be named several times (RFC 8707).
    if (seen.has(name) && name !== 'resource') return `It says twice what “${shownName(name)}” is.`
    seen.add(name)
  }
  const clientId = parameters.get('client_id')
  if (clientId === null || !isClientId(clientId)) return 'It does not say which app it is from (client_id).'
  const problem = redirectUriProblem(parameters.get('redirect_uri') ?? '')
  if (problem !== null) return `Its redirect URI ${problem}.`
  return isChallenged(parameters)
    ? null
    : 'It is not protected by PKCE with S256 (code_challenge, code_challenge_method).'
}
