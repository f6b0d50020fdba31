/** The verified caller of a request, and how it travels from the Worker to the session object. */
import { z } from 'zod'

const caller = z.object({
  /** 32 hex digits; the name of the user's session, sandbox and workspace. */
  userId: z.string().regex(/^[0-9a-f]{32}$/),
  scopes: z.array(z.string()),
  /** When its user allowed it, in milliseconds since 1970: before a sign-out everywhere it counts no more. */
  authorizedAt: z.number(),
})
export type VerifiedCaller = z.infer<typeof caller>

/** Set by the Worker alone: whatever a client sends under this name is deleted first. */
const CALLER_HEADER = 'x-codemode-caller'
/** What the Agents SDK reads as the start properties of an object. */
const SDK_PROPS_HEADER = 'x-agents-lifecycle-props'

/** The request as it may reach a session object: with the verified caller, and without the token. */
export function withCaller(request: Request, verified: VerifiedCaller): Request {
  const forwarded = new Request(request)
  forwarded.headers.delete('authorization')
  forwarded.headers.delete(SDK_PROPS_HEADER)
  forwarded.headers.set(CALLER_HEADER, JSON.stringify(verified))
  return forwarded
}

/** A request that nobody was verified for: the object it goes to has to check it itself. */
export function withoutCaller(request: Request): Request {
  const forwarded = new Request(request)
  forwarded.headers.delete('authorization')
  forwarded.headers.delete(SDK_PROPS_HEADER)
  forwarded.headers.delete(CALLER_HEADER)
  return forwarded
}

/** The caller that the Worker has verified, of a request that reached a session object; null when it has verified nobody. */
export function callerOf(request: Request): VerifiedCaller | null {
  const sent = request.headers.get(CALLER_HEADER)
  return sent === null ? null : caller.parse(JSON.parse(sent))
}

/** The first 32 hex digits of SHA-256(issuer + "\n" + subject). */
export async function userIdOf(issuer: string, subject: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`${issuer}\n${subject}`))
  return Buffer.from(digest).toString('hex').slice(0, 32)
}
