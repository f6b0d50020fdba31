/** The local user: whoever knows DEV_TOKEN, on a server that has one. */
import type { Env } from '../env.ts'
import { userIdOf, type VerifiedCaller } from './caller.ts'

/** The caller of a request with exactly one `Authorization: Bearer <DEV_TOKEN>` header, or null. */
export async function devCaller(request: Request, env: Env): Promise<VerifiedCaller | null> {
  if (env.DEV_TOKEN === undefined || env.DEV_TOKEN === '') return null
  const token = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(request.headers.get('authorization') ?? '')?.[1]
  if (token === undefined || !(await sameText(token, env.DEV_TOKEN))) return null
  return { userId: await userIdOf('dev', 'local'), scopes: ['*'], client: 'dev' }
}

/** Compares digests, so that neither the length nor a common beginning shows in the time it takes. */
async function sameText(a: string, b: string): Promise<boolean> {
  const encoder = new TextEncoder()
  const [first, second] = await Promise.all([a, b].map((text) => crypto.subtle.digest('SHA-256', encoder.encode(text))))
  return crypto.subtle.timingSafeEqual(first!, second!)
}
