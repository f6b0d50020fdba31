/** Every path of the public origin. What belongs to a user's session is forwarded to it with the verified caller. */
import { type Context, Hono } from 'hono'
import { cors } from 'hono/cors'
import {
  hostHeaderValidationResponse,
  localhostAllowedHostnames,
  localhostAllowedOrigins,
  originValidationResponse,
} from '@modelcontextprotocol/server'
import { type VerifiedCaller, withCaller, withoutCaller } from '../auth/caller.ts'
import { passesGate } from '../auth/link-gate.ts'
import type { Env } from '../env.ts'
import { claimedUser } from '../files/download.ts'

/** Paths that the session object answers. */
const OF_THE_SESSION = /^\/(mcp|learnings|config|runs|files)(\/|$)/

interface Fetcher {
  fetch: (request: Request) => Promise<Response>
}

export interface AppDeps {
  version: string
  /** Who sent the request, or null. */
  authenticate: (request: Request, env: Env) => Promise<VerifiedCaller | null>
  /** The session object of a user. */
  session: (env: Env, user: Pick<VerifiedCaller, 'userId'>) => Promise<Fetcher>
}

export function createApp({ version, authenticate, session }: AppDeps): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>()

  app.use(async (c, next) => foreign(c) ?? (await next()))
  app.use(
    cors({
      // Foreign origins never come this far.
      origin: (origin) => origin,
      allowHeaders: [
        'authorization',
        'content-type',
        'accept',
        'last-event-id',
        'mcp-session-id',
        'mcp-protocol-version',
        'mcp-method',
        'mcp-name',
      ],
      allowMethods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
      exposeHeaders: ['mcp-session-id', 'www-authenticate', 'location'],
      maxAge: 86_400,
    }),
  )
  app.get('/health', (c) => c.json({ ok: true, version }))

  // A signed link needs no token: the session that it names checks the signature, and answers nothing else to it.
  app.get('/files/*', async (c, next) => {
    const userId = c.req.header('authorization') === undefined ? claimedUser(new URL(c.req.url)) : null
    if (userId === null || !(await passesGate(c.env, userId, c.req.query('gate') ?? null))) return await next()
    return answerOf(c, await session(c.env, { userId }), withoutCaller(c.req.raw))
  })

  app.all('*', async (c) => {
    const caller = await authenticate(c.req.raw, c.env)
    if (caller === null) return unauthorized(c)
    if (!OF_THE_SESSION.test(c.req.path)) {
      return c.json({ error: `There is nothing at ${c.req.path}. The MCP endpoint is /mcp.` }, 404)
    }
    return answerOf(c, await session(c.env, caller), withCaller(c.req.raw, caller))
  })

  app.onError((error, c) => {
    console.error(JSON.stringify({ event: 'request_failed', path: c.req.path, error: error.name }))
    return failed(c)
  })
  return app
}

async function answerOf(c: Context, object: Fetcher, request: Request): Promise<Response> {
  // The Agents SDK would open a socket for its own protocol, with a state that its client can write.
  if (request.headers.get('upgrade')?.toLowerCase() === 'websocket') {
    return c.json({ error: 'There are no WebSockets here. Next: POST to /mcp.' }, 400)
  }
  const response = await object.fetch(request)
  if (response.status !== 500) return response
  // What the object throws comes back with its stack trace.
  await response.body?.cancel()
  return failed(c)
}

function failed(c: Context): Response {
  return c.json({ error: 'Internal error. Next: try again.' }, 500)
}

function unauthorized(c: Context): Response {
  const sent = c.req.header('authorization') !== undefined
  c.header('www-authenticate', sent ? 'Bearer error="invalid_token"' : 'Bearer')
  return c.json({ error: sent ? 'The token is not valid.' : 'A bearer token is required.' }, 401)
}

/**
 * Refuses a foreign Host (DNS rebinding) and a foreign Origin (a web page that makes its visitor's browser call us). A local server
 * answers to loopback names only; a deployed one to PUBLIC_URL's, or, without it, to whatever host the platform routes to it.
 */
function foreign(c: Context<{ Bindings: Env }>): Response | undefined {
  const { PUBLIC_URL, DEV_TOKEN } = c.env
  const own = PUBLIC_URL !== undefined ? [new URL(PUBLIC_URL).hostname] : []
  const local = DEV_TOKEN !== undefined ? localhostAllowedHostnames() : []
  const hosts = [...own, ...local]
  const platform = hosts.length === 0 ? [new URL(c.req.url).hostname] : []
  return (
    hostHeaderValidationResponse(c.req.raw, [...hosts, ...platform]) ??
    originValidationResponse(c.req.raw, [...own, ...platform, ...localhostAllowedOrigins()])
  )
}
