/**
 * Every path of a session object, with its methods and the scope of each. A path stands here alone: the Worker lets it through
 * (`web/app.ts`), the object asks for its scopes, and its router in `http/` or `lanes/` answers it, or does not compile.
 */
import { MCP_PATH } from '../auth/resource-names.ts'
import { isScope, type Scope } from '../auth/scopes.ts'

/** Requirement for reading: any valid `token`, or a token or a signed `link`. */
type Reading = 'token' | 'link'
/** `message`: a token with the scopes that the message in the body needs. */
type Need = Reading | Scope | 'message'

/** Requirement of each method of a path: a scope for a method that changes something. `ANY`: the path's own protocol has its methods. */
type Needs = { [M in 'GET' | 'HEAD']?: Reading } & { [M in 'POST' | 'PUT' | 'PATCH' | 'DELETE']?: Scope } & {
  ANY?: 'message'
}

/** `{id}` is one segment, `{path}` is the rest. The first that fits counts. */
export const ROUTES = {
  [MCP_PATH]: { ANY: 'message' },
  '/runs': { GET: 'token', POST: 'python:run' },
  '/runs/live': { GET: 'token' },
  '/runs/{id}': { GET: 'token', DELETE: 'python:run' },
  '/runs/{id}/events': { GET: 'token' },
  '/files': { GET: 'token', HEAD: 'token' },
  '/files/{path}': { GET: 'link', HEAD: 'link', PUT: 'python:run', DELETE: 'python:run' },
  '/learnings': { GET: 'token' },
  '/learnings/export': { GET: 'token' },
  '/learnings/import': { POST: 'learnings:write' },
  '/learnings/{id}': { GET: 'token', PATCH: 'learnings:write', DELETE: 'learnings:write' },
  '/packages': { GET: 'token', POST: 'python:run' },
  '/packages/lock': { GET: 'token' },
  '/packages/{id}': { DELETE: 'python:run' },
  '/usage': { GET: 'token' },
  '/usage/sandbox': { POST: 'python:run' },
  '/config/schema': { GET: 'token' },
  '/config': { GET: 'token', POST: 'settings:write' },
} as const satisfies Record<`/${string}`, Needs>

export type Path = keyof typeof ROUTES
/** The first segment of a path: everything below it is about one subject. */
export type BasePath = Path extends infer P ? (P extends `/${infer Name}/${string}` ? `/${Name}` : P) : never
export type PathOf<Base extends BasePath> = Extract<Path, Base | `${Base}/${string}`>

export interface Route {
  path: Path
  /** Value of `{id}`, as it was sent; empty where the path has none. */
  id: string
}

const PATHS = Object.keys(ROUTES).filter((path) => isPath(path))
const BASE_PATHS = new Set(PATHS.map(firstSegment))
/** Paths with others below them. A slash behind them changes nothing. */
const FOLDERS = PATHS.filter((path) => PATHS.some((other) => other.startsWith(`${path}/`)))
/** Methods that change nothing. */
const READING = ['GET', 'HEAD', 'OPTIONS']

/** The paths at which a signed link is good, as Hono writes them. */
export const LINK_PATHS = PATHS.filter((path) => needOf(path, 'GET') === 'link').map((path) =>
  path.replace('{path}', '*'),
)

/** The base path of a path, also of one that leads nowhere below it. */
export function basePathOf(pathname: string): BasePath | null {
  const name = firstSegment(pathname)
  return isBasePath(name) ? name : null
}

/** The route of a path as it was sent: nothing is decoded, so that no two spellings lead to one place. */
export function routeOf(pathname: string): Route | null {
  const folder = FOLDERS.find((path) => pathname === `${path}/`)
  const sent = (folder ?? pathname).split('/')
  const path = PATHS.find((each) => fits(each.split('/'), sent))
  return path === undefined ? null : { path, id: path.includes('{id}') ? (sent[2] ?? '') : '' }
}

/** Requirement of a method at a path; null when there is no such method. */
export function needOf(path: Path, method: string): Need | null {
  const needs: Partial<Record<string, Need>> = ROUTES[path]
  return (Object.hasOwn(needs, method) ? needs[method] : needs['ANY']) ?? null
}

/** The methods of a path, for people, without HEAD. */
export function methodsOf(path: Path): string {
  return Object.keys(ROUTES[path])
    .filter((method) => method !== 'HEAD')
    .join(', ')
}

/** The scopes that a request needs for its path. A change at a path that does not exist needs all those of its base path. */
export function scopesOfRequest(method: string, pathname: string): Scope[] {
  const route = routeOf(pathname)
  const need = route && needOf(route.path, method)
  if (need !== null) return isScope(need) ? [need] : []
  if (READING.includes(method)) return []
  const name = basePathOf(pathname)
  const needs = PATHS.filter((path) => firstSegment(path) === name).flatMap((path) => Object.values(ROUTES[path]))
  return [...new Set(needs.filter(isScope))]
}

function fits(pattern: string[], sent: string[]): boolean {
  if (pattern.at(-1) === '{path}' ? sent.length < pattern.length : sent.length !== pattern.length) return false
  return pattern.every((part, at) => part === '{path}' || (part === '{id}' ? sent[at] !== '' : part === sent[at]))
}

function firstSegment(pathname: string): string {
  return `/${pathname.split('/', 2)[1] ?? ''}`
}

function isPath(path: string): path is Path {
  return Object.hasOwn(ROUTES, path)
}

function isBasePath(name: string): name is BasePath {
  return BASE_PATHS.has(name)
}
