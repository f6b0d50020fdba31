/**
 * The names of an origin's one protected resource (RFC 8707, RFC 9728): the origin itself, and the address of its MCP endpoint. Some
 * clients compare the name with the address that they were given, byte for byte; others take the origin, and hold tokens for that name.
 */

/** Path of the MCP endpoint. */
export const MCP_PATH = '/mcp'
const METADATA_PATH = '/.well-known/oauth-protected-resource'

/** The names at an origin, the default first. */
export function resourceNames(origin: string): string[] {
  return [origin, `${origin}${MCP_PATH}`]
}

/** The name that fits a requested address, one of metadata included. */
export function resourceOf({ origin, pathname }: URL): string {
  const path = pathname.startsWith(`${METADATA_PATH}/`) ? pathname.slice(METADATA_PATH.length) : pathname
  return path === MCP_PATH || path.startsWith(`${MCP_PATH}/`) ? `${origin}${MCP_PATH}` : origin
}

export function isMetadataPath(path: string): boolean {
  return path === METADATA_PATH || path.startsWith(`${METADATA_PATH}/`)
}

/** The path of the MCP endpoint, or of metadata, without the slash that some people and clients add. Other paths stay. */
export function withoutSlash(path: string): string {
  const shorter = path.slice(0, -1)
  return path.endsWith('/') && [MCP_PATH, METADATA_PATH, `${METADATA_PATH}${MCP_PATH}`].includes(shorter)
    ? shorter
    : path
}

/** Address of the metadata of the resource with this name. */
export function metadataAddress(name: string): string {
  const { origin, pathname } = new URL(name)
  return `${origin}${METADATA_PATH}${pathname === '/' ? '' : pathname}`
}

/** The one name of the resource that a request names; undefined when it names none, or also one that is not here. */
export function oneResource(origin: string, named: string[]): string | undefined {
  const ours = named.map((each) => nameOf(origin, each))
  return ours.includes(undefined) ? undefined : ours[0]
}

/** The name that a client means: some add a slash, or a query of the address that they were given. */
function nameOf(origin: string, named: string): string | undefined {
  if (/[#\s]/.test(named)) return undefined
  const address = named.split('?', 1)[0]!
  return resourceNames(origin).find((name) => address === name || address === `${name}/`)
}
