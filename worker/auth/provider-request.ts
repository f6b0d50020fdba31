/** What requests to the provider's endpoints have to look like before it sees them, beside what it checks itself. */
import { isClientId } from './client-id.ts'
import { isVerifier } from './pkce.ts'

/** The refusal, or null for a request that the provider shall answer. Leaves the request's body to be read. */
export async function refusedRequest(request: Request): Promise<Response | null> {
  if (request.method !== 'POST') return null
  const type = request.headers.get('content-type') ?? ''
  if (new URL(request.url).pathname === '/oauth/register') {
    // What is no JSON by its type, a web page can send across origins without asking first.
    if (/^application\/json\s*(?:;|$)/i.test(type)) return null
    return refusal(415, 'invalid_client_metadata', 'Client metadata is sent as application/json.')
  }
  if (!/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(type)) return null
  let form: FormData
  try {
    form = await request.clone().formData()
  } catch {
    return null // in a charset that there is not, which the provider says
  }
  return refusedForm(form)
}

function refusedForm(form: FormData): Response | null {
  const clientId = form.get('client_id')
  if (typeof clientId === 'string' && clientId !== '' && !isClientId(clientId)) {
    return refusal(401, 'invalid_client', 'There is no such client.')
  }
  const verifier = form.get('code_verifier')
  if (typeof verifier === 'string' && !isVerifier(verifier)) {
    return refusal(400, 'invalid_grant', 'A code_verifier has 43 to 128 letters, digits, "-", ".", "_" or "~".')
  }
  return null
}

function refusal(status: number, error: string, error_description: string): Response {
  return Response.json({ error, error_description }, { status, headers: { 'cache-control': 'no-store' } })
}
