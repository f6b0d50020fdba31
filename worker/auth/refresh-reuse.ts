/** Ends a grant when one of its spent refresh tokens comes back (RFC 9700 §4.14.2). An unknown token ends nothing. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { OAuthError } from '@cloudflare/workers-oauth-provider'
import * as z from 'zod'
import type { Env } from '../env.ts'
import { sha256 } from './keys.ts'
import { MAX_SPENT_TOKENS } from './refreshed-grants.ts'
import { grantIdOf } from './tokens.ts'

/** The refresh token of the request that is being answered. The provider's callbacks do not learn which one it is. */
interface ShownToken {
  userId: string
  grantId: string
  hash: string
  /** Time of the request. Milliseconds since 1970. */
  askedAt: number
  /** Set when the token names an existing grant, and is neither its newest token nor the one before. */
  isOver: boolean
}

const requests = new AsyncLocalStorage<ShownToken>()

const reply = z.object({ refresh_token: z.string() })

const REUSED =
  'This refresh token was used before, so somebody else may hold a copy. The connection was ended. Next: connect again.'

/** Answers a request to the token endpoint with `serve`. `end` ends a grant everywhere. */
export async function watchRefreshTokens(
  request: Request,
  env: Env,
  serve: () => Promise<Response>,
  end: (userId: string, grantId: string) => Promise<void>,
): Promise<Response> {
  const shown = await shownToken(request)
  if (shown === null) return serve()
  const { userId, grantId, hash } = shown
  const response = await requests.run(shown, serve)
  if (response.ok) {
    const { refresh_token } = reply.parse(await response.clone().json())
    await env.ACCOUNT.getByName(userId).noteSuccessor(grantId, hash, await sha256(refresh_token))
    return response
  }
  // An unknown grant is not looked up in the account: nobody shall have objects made for users who never were.
  if (!shown.isOver || !(await env.ACCOUNT.getByName(userId).isReuse(grantId, hash))) return response
  console.warn(JSON.stringify({ event: 'refresh_token_reused', grant: grantId }))
  await end(userId, grantId)
  const headers = new Headers(response.headers)
  headers.delete('content-length')
  return Response.json({ error: 'invalid_grant', error_description: REUSED }, { status: 400, headers })
}

/** Notes the use of a refresh token. Called when the provider found it good, before it replaces it. Throws the refusal. */
export async function useRefreshToken(env: Env, clientName: string): Promise<void> {
  const shown = requests.getStore()!
  const { userId, grantId, hash, askedAt } = shown
  const used = { grantId, hash, client: clientName, askedAt }
  const ended = await env.ACCOUNT.getByName(userId).useRefreshToken(used)
  switch (ended) {
    case null:
      return
    case 'reused':
      shown.isOver = true
      throw new OAuthError('invalid_grant', { description: REUSED })
    case 'disconnected':
      throw new OAuthError('invalid_grant', { description: 'The connection was ended. Next: connect again.' })
    case 'worn out': {
      const description = `The connection was renewed ${MAX_SPENT_TOKENS} times, and ends with that. Next: connect again.`
      throw new OAuthError('invalid_grant', { description })
    }
  }
}

/** Notes a refusal of the provider. Called for each one. */
export function noteRefusal(reason: string | undefined): void {
  const shown = requests.getStore()
  if (shown !== undefined && reason === 'refresh_token_mismatch') shown.isOver = true
}

async function shownToken(request: Request): Promise<ShownToken | null> {
  const askedAt = Date.now()
  if (request.method !== 'POST' || new URL(request.url).pathname !== '/oauth/token') return null
  let form: FormData
  try {
    form = await request.clone().formData()
  } catch {
    return null // no form, which the provider reports
  }
  const token = form.get('refresh_token')
  if (typeof token !== 'string' || form.get('grant_type') !== 'refresh_token') return null
  const grantId = grantIdOf(token)
  if (grantId === undefined) return null
  return { userId: token.split(':')[0]!, grantId, hash: await sha256(token), askedAt, isOver: false }
}
