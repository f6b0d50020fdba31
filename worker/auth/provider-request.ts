/** Requests to the provider's endpoints: checks beside the provider's own, and the form in which it receives them. */
import { isClientId } from './client-id.ts'
import { metadataProblem } from './client-metadata.ts'
import { isVerifier } from './pkce.ts'
import { oneResource } from './resource-names.ts'

/** The request that the provider shall answer, or the refusal. */
export async function forProvider(request: Request): Promise<Request | Response> {
  if (request.method !== 'POST') return request
  const type = request.headers.get('content-type') ?? ''
  if (new URL(request.url).pathname === '/oauth/register') {
    // A body whose type is not JSON can be sent across origins by any web page, without asking first.
    if (/^application\/json\s*(?:;|$)/i.test(type)) return (await refusedMetadata(request)) ?? request
    return refusal(415, 'invalid_client_metadata', 'Client metadata is sent as application/json.')
  }
  if (!/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(type)) return request
  let form: FormData
  try {
    form = await request.clone().formData()
  } catch {
    return request // an unknown charset, which the provider reports
  }
  return refusedForm(form) ?? withoutFields(request, form, needlessFields(request, form))
}

/** Refuses metadata before the provider looks at it: the provider repeats what it does not know, however long that is. */
async function refusedMetadata(request: Request): Promise<Response | null> {
  let metadata: unknown
  try {
    metadata = await request.clone().json()
  } catch {
    return null // no JSON, which the provider reports
  }
  if (typeof metadata !== 'object' || metadata === null) return null
  const problem = metadataProblem(metadata)
  return problem === null ? null : refusal(400, 'invalid_client_metadata', problem)
}

/** The names of fields that are redundant, and that the provider would refuse. */
function needlessFields(request: Request, form: FormData): string[] {
  const { origin } = new URL(request.url)
  const needless: string[] = []
  // The provider takes the name in the grant alone. A client that has read the metadata anew may use the other one.
  if (oneResource(origin, form.getAll('resource').map(String)) !== undefined) needless.push('resource')
  // RFC 6749 §3.2.1 lets a client name itself beside its authentication; the provider takes that for a second one.
  const [clientId, ...more] = form.getAll('client_id')
  const basicId = basicClientId(request.headers.get('authorization') ?? '')
  if (basicId !== undefined && clientId === basicId && more.length === 0) needless.push('client_id')
  return needless
}

/** The client that authenticates itself by Basic (RFC 6749 §2.3.1: id and secret are each encoded as in a form). */
function basicClientId(authorization: string): string | undefined {
  const credentials = /^basic[\t ]+(\S+)[\t ]*$/i.exec(authorization)?.[1]
  if (credentials === undefined) return undefined
  try {
    const [id, secret] = atob(credentials).split(':', 2)
    return secret === undefined ? undefined : decodeURIComponent(id!.replaceAll('+', ' '))
  } catch {
    return undefined // no Base64, or broken escapes, which the provider reports
  }
}

async function withoutFields(request: Request, form: FormData, needless: string[]): Promise<Request> {
  if (needless.length === 0) return request
  await request.body?.cancel()
  const { url, method, signal } = request
  const headers = new Headers(request.headers)
  headers.delete('content-length')
  headers.set('content-type', 'application/x-www-form-urlencoded')
  const fields = new URLSearchParams()
  for (const [name, value] of form)
    if (typeof value === 'string' && !needless.includes(name)) fields.append(name, value)
  return new Request(url, { method, headers, signal, body: fields.toString() })
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
