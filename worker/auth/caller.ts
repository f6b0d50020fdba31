/** The verified caller of a request, and how it travels from the Worker to the session object. */
import * as z from 'zod'

const caller = z.object({
  /** 32 hex digits; the name of the user's session, sandbox and workspace. */
  userId: z.string().regex(/^[0-9a-f]{32}$/),
  scopes: z.array(z.string()),
  /** Time at which the user allowed it, in milliseconds since 1970. A sign-out everywhere ends all earlier ones. */
  authorizedAt: z.number(),
  /** OAuth grant of the token; absent for a token of another kind. */
  grantId: z.string().optional(),
  /** Id of the personal token; absent for a token of another kind. */
  tokenId: z.string().optional(),
  /** The request was made on one of our pages, in the browser that this names. */
  browserId: z.string().optional(),
})
export type VerifiedCaller = z.infer<typeof caller>

/** What stands for a client in what was done on our pages. */
export const ON_PAGE = 'browser'

/** Header that the Worker alone sets: a client's header of this name is deleted first. */
const CALLER_HEADER = 'x-codemode-caller'
/**
 * Headers that a session object receives beside those that begin with `mcp-`. Everything else stays in the Worker: tokens, cookies, and
 * headers that the Agents SDK would interpret.
 */
const FORWARDED = ['accept', 'content-length', 'content-range', 'content-type', 'host', 'last-event-id', 'repr-digest']

/** The request to pass to a session object; `verified`: null for a request that the object has to check itself. */
export function forwarded(request: Request, verified: VerifiedCaller | null): Request {
  const headers = new Headers(
    [...request.headers].filter(([name]) => FORWARDED.includes(name) || name.startsWith('mcp-')),
  )
  if (verified !== null) headers.set(CALLER_HEADER, JSON.stringify(verified))
  const { method, signal } = request
  // Some clients send a body with a GET, which has no meaning there, and for which no request can be made.
  const body = method === 'GET' || method === 'HEAD' ? null : request.body
  return new Request(request.url, { method, headers, body, signal })
}

/** The caller that the Worker has verified, of a request to a session object; null when it has verified nobody. */
export function callerOf(request: Request): VerifiedCaller | null {
  const sent = request.headers.get(CALLER_HEADER)
  return sent === null ? null : caller.parse(JSON.parse(sent))
}

/** The first 32 hex digits of SHA-256(issuer + "\n" + subject). */
export async function userIdOf(issuer: string, subject: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`${issuer}\n${subject}`))
  return Buffer.from(digest).toString('hex').slice(0, 32)
}
