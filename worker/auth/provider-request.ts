/** What requests to the provider's endpoints have to look like before it sees them, beside what it checks itself. */

/** The refusal, or null for a request that the provider shall answer. */
export function refusedRequest(request: Request): Response | null {
  if (request.method !== 'POST' || new URL(request.url).pathname !== '/oauth/register') return null
  // What is no JSON by its type, a web page can send across origins without asking first.
  if (/^application\/json\s*(?:;|$)/i.test(request.headers.get('content-type') ?? '')) return null
  return refusal(415, 'invalid_client_metadata', 'Client metadata is sent as application/json.')
}

function refusal(status: number, error: string, error_description: string): Response {
  return Response.json({ error, error_description }, { status, headers: { 'cache-control': 'no-store' } })
}
