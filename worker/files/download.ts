/** Links to files that work without a token until they expire: the user, the path and the time are signed with the session's own key. */

/** Life of a link. Milliseconds. */
export const LINK_LIFE_MS = 60 * 60 * 1000
/** Length of a session's key. */
export const KEY_BYTES = 32

export interface Link {
  userId: string
  /** Path below the working folder, with `/`. */
  path: string
  /** Milliseconds since 1970; whole seconds count. */
  expires: number
  /** Proof that lets the address through to its user's session. */
  gate: string
}

/** The address, on this origin. */
export async function linkUrl(origin: string, link: Link, key: Uint8Array<ArrayBuffer>): Promise<string> {
  const signature = await crypto.subtle.sign('HMAC', await hmacKey(key, 'sign'), signed(link))
  const url = new URL(`/files/${encodeSegments(link.path)}`, origin)
  url.searchParams.set('user', link.userId)
  url.searchParams.set('expires', String(seconds(link.expires)))
  url.searchParams.set('gate', link.gate)
  url.searchParams.set('signature', Buffer.from(signature).toString('base64url'))
  return url.href
}

/** The user whose link an address claims to be, or null when it is no link. Only `isValidLink` proves it. */
export function claimedUser(url: URL): string | null {
  const user = url.searchParams.get('user') ?? ''
  return url.searchParams.has('signature') && /^[0-9a-f]{32}$/.test(user) ? user : null
}

/** Returns whether this user's key signed this address, and it has not expired. The comparison takes the same time for every signature. */
export async function isValidLink(
  url: URL,
  path: string,
  userId: string,
  key: Uint8Array<ArrayBuffer>,
  now: number,
): Promise<boolean> {
  const names = [...url.searchParams.keys()].toSorted()
  const expires = url.searchParams.get('expires') ?? ''
  const signature = url.searchParams.get('signature') ?? ''
  if (names.join() !== 'expires,gate,signature,user' || !/^\d{1,12}$/.test(expires)) return false
  if (!/^[A-Za-z0-9_-]{43}$/.test(signature) || claimedUser(url) !== userId) return false
  const link = { userId, path, expires: Number(expires) * 1000 }
  const given = new Uint8Array(Buffer.from(signature, 'base64url'))
  const isOurs = await crypto.subtle.verify('HMAC', await hmacKey(key, 'verify'), given, signed(link))
  return isOurs && link.expires > now
}

/** The file's path in an address below `/files/`; null when it names none. */
export function pathOf(url: URL): string | null {
  const encoded = url.pathname.slice('/files/'.length)
  try {
    const parts = encoded.split('/').map(decodeURIComponent)
    return parts.some((part) => part === '' || part === '.' || part === '..' || part.includes('/'))
      ? null
      : parts.join('/')
  } catch {
    return null // not percent-encoded UTF-8
  }
}

/** Types that a browser may show; every other file is saved, as it could run in our origin. */
const SHOWN = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'text/plain'])

/** The headers of a file's answer: safe whatever is in the file. */
export function fileHeaders(path: string, mime: string): Record<string, string> {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const ascii = name.replaceAll(/[^A-Za-z0-9 ._()-]/g, '_')
  const encoded = encodeURIComponent(name).replaceAll(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return {
    'content-type': mime === 'text/plain' ? 'text/plain; charset=utf-8' : mime,
    'content-disposition': `${SHOWN.has(mime) ? 'inline' : 'attachment'}; filename="${ascii}"; filename*=UTF-8''${encoded}`,
    'x-content-type-options': 'nosniff',
    'content-security-policy': "sandbox; default-src 'none'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
    'cache-control': 'private, no-store',
  }
}

function signed({ userId, path, expires }: Omit<Link, 'gate'>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new TextEncoder().encode(`download\n${userId}\n${seconds(expires)}\n${path}`))
}

function hmacKey(key: Uint8Array<ArrayBuffer>, use: 'sign' | 'verify'): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, [use])
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000)
}

function encodeSegments(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}
