/** Checks of a server before anything is run: that it is one, that it asks for a token, and that it takes ours. */
import * as z from 'zod'
import { SmokeFailure } from './failure.ts'

/** Longest time of one request. */
const TIMEOUT_MS = 30_000

/** Fetches a path of the server, without following it elsewhere: the token is for this origin only. */
export async function request(origin: string, path: string, init: RequestInit = {}): Promise<Response> {
  try {
    return await fetch(new URL(path, origin), { redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS), ...init })
  } catch (cause) {
    const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
    throw new SmokeFailure(
      `${origin} cannot be reached (${reason instanceof Error ? reason.message : 'no reason given'}).`,
      'compare the address with what "npm run deploy" printed. A new host name can take some minutes.',
      { cause },
    )
  }
}

const health = z.object({ ok: z.literal(true), version: z.string() })

/** The server's version. */
export async function reachable(origin: string): Promise<string> {
  const response = await request(origin, '/health')
  const found = health.safeParse(await jsonOf(response))
  if (found.success) return `version ${found.data.version}`
  const next =
    response.status >= 500
      ? 'look at what it says: npx wrangler tail'
      : 'compare the address with what "npm run deploy" printed; a PUBLIC_URL that is set has to be this one.'
  throw new SmokeFailure(`${origin} answers, but not as MCP Code Mode does (HTTP ${response.status}).`, next)
}

const protectedResource = z.object({ resource: z.string(), authorization_servers: z.array(z.string()).min(1) })
const authorizationServer = z.object({
  issuer: z.string(),
  authorization_endpoint: z.string(),
  token_endpoint: z.string(),
  code_challenge_methods_supported: z.array(z.string()),
})

/** Checks that a request without a token learns where to get one, and that the metadata there names this origin and nothing else. */
export async function asksForToken(origin: string): Promise<string> {
  const names = [await resourceAt(origin, '/mcp', `${origin}/mcp`), await resourceAt(origin, '/runs', origin)]
  const server = await metadataAt(origin, '/.well-known/oauth-authorization-server', authorizationServer)
  assertSame(server.issuer, origin)
  return `401, and metadata of ${names.join(' and ')}`
}

/** The name in the metadata to which the challenge of a path leads. */
async function resourceAt(origin: string, path: string, expected: string): Promise<string> {
  const refused = await request(origin, path, { method: 'POST' })
  await refused.body?.cancel()
  const metadata = /resource_metadata="([^"]+)"/.exec(refused.headers.get('www-authenticate') ?? '')?.[1]
  if (refused.status !== 401 || metadata === undefined) {
    throw new SmokeFailure(
      `A request without a token got HTTP ${refused.status}, not 401 with the way to sign in.`,
      'look for something in front of the Worker that answers for it (a route, a cache, Cloudflare Access).',
    )
  }
  assertSame(metadata, expected.replace(origin, `${origin}/.well-known/oauth-protected-resource`))
  const { resource, authorization_servers } = await metadataAt(origin, metadata, protectedResource)
  assertSame(resource, expected)
  assertSame(authorization_servers[0] ?? '', origin)
  return resource
}

async function metadataAt<T>(origin: string, path: string, schema: z.ZodType<T>): Promise<T> {
  const response = await request(origin, path)
  const found = schema.safeParse(await jsonOf(response))
  if (found.success) return found.data
  throw new SmokeFailure(
    `The OAuth metadata at ${path} cannot be used (HTTP ${response.status}).`,
    'look at what the server says: npx wrangler tail',
  )
}

function assertSame(found: string, expected: string): void {
  if (found === expected) return
  throw new SmokeFailure(
    `The OAuth metadata names ${found}, and clients would look for ${expected}.`,
    'set PUBLIC_URL to the origin that users see, or use that one here.',
  )
}

/** Checks that the token is one of this server's. */
export async function takesToken(origin: string, token: string): Promise<string> {
  const response = await request(origin, '/config', { headers: { authorization: `Bearer ${token}` } })
  await response.body?.cancel()
  if (response.ok) return 'accepted'
  throw refusal(response.status, origin)
}

/** The reason why a request with the token was refused. */
export function refusal(status: number, origin: string, options?: ErrorOptions): SmokeFailure {
  switch (status) {
    case 401:
      return new SmokeFailure(
        'The token was refused (HTTP 401): it has run out, was revoked, is another server’s, or ALLOWED_USERS names its user no more.',
        `make a new one at ${origin}/account`,
        options,
      )
    case 403:
      return new SmokeFailure(
        'The token may not run programs (HTTP 403).',
        `make one at ${origin}/account that may ("Run Python programs …").`,
        options,
      )
    case 429:
      return new SmokeFailure(
        'The token’s user has sent as many requests as REQUESTS_PER_MINUTE allows (HTTP 429).',
        'wait a minute.',
        options,
      )
    default:
      return new SmokeFailure(
        `The server refused it (HTTP ${status}).`,
        'look at what it says: npx wrangler tail',
        options,
      )
  }
}

async function jsonOf(response: Response): Promise<unknown> {
  try {
    return await response.json()
  } catch {
    return undefined // the schema says what is wrong
  }
}
