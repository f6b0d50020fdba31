/** Who may call us from a browser: Host and Origin of each request, and the CORS headers of answers. */
import type { Context, MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'
import {
  hostHeaderValidationResponse,
  localhostAllowedHostnames,
  localhostAllowedOrigins,
  originValidationResponse,
} from '@modelcontextprotocol/server'
import type { Env } from '../env.ts'

/** Longest Host or Origin that is read: a name has 253 characters, beside scheme and port. */
const NAME_CHARS = 300

type Ctx = Context<{ Bindings: Env }>

/** Lets own and local origins through, any other gets a 403. */
export const ownOrigins: MiddlewareHandler<{ Bindings: Env }> = async (c, next) => foreign(c) ?? (await next())

/** The CORS headers for clients that are pages of an own or local origin: foreign ones do not get this far. */
export const corsHeaders = cors({
  origin: (origin) => origin,
  allowHeaders: [
    'authorization',
    'content-type',
    'content-range',
    'repr-digest',
    'accept',
    'last-event-id',
    'mcp-session-id',
    'mcp-protocol-version',
    'mcp-method',
    'mcp-name',
  ],
  allowMethods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
  exposeHeaders: ['mcp-session-id', 'www-authenticate', 'location', 'retry-after'],
  maxAge: 86_400,
})

/**
 * Refuses a foreign Host (DNS rebinding) and a foreign Origin (a web page that makes its visitor's browser call us). A local server answers
 * to loopback names only; a deployed one to the name in PUBLIC_URL, or, without it, to any host that the platform routes to it.
 */
function foreign(c: Ctx): Response | undefined {
  const { PUBLIC_URL, DEV_TOKEN } = c.env
  // Values that no browser sends are refused, not interpreted: "evil.example@localhost" is a URL's way to write localhost.
  const { host = '', origin = '' } = c.req.header()
  const isLong = host.length > NAME_CHARS || origin.length > NAME_CHARS
  if (isLong || !/^[^/@?#\\\s]*$/.test(host) || (URL.canParse(origin) && new URL(origin).origin !== origin)) {
    return c.json({ error: 'The Host or Origin header is not valid.' }, 403)
  }
  const own = PUBLIC_URL ? [new URL(PUBLIC_URL).hostname] : []
  const local = DEV_TOKEN ? localhostAllowedHostnames() : []
  const hosts = [...own, ...local]
  const platform = hosts.length === 0 ? [new URL(c.req.url).hostname] : []
  return (
    hostHeaderValidationResponse(c.req.raw, [...hosts, ...platform]) ??
    originValidationResponse(c.req.raw, [...own, ...platform, ...localhostAllowedOrigins()])
  )
}
