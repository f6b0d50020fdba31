/**
 * The key in the link by which `npm run dev` signs its user's browser in: a time until which it is good, with a proof by DEV_TOKEN. Who
 * starts the server can make one, and the server knows its own without being told.
 */

/** Life of a link. Milliseconds; shorter than that of the mark that it was used (`USED_LIFE_MS`). */
export const ONE_TIME_LIFE_MS = 10 * 60_000
/** The page that takes a key. */
export const ONE_TIME_PATH = '/sign-in/once'
/** 128 of the proof's bits, so that the link fits a line. */
const PROOF_BYTES = 16

/** The key that is good until `expires`, in milliseconds since 1970. */
export async function oneTimeKey(devToken: string, expires: number): Promise<string> {
  const encoder = new TextEncoder()
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', encoder.encode(devToken), algorithm, false, ['sign'])
  const proof = await crypto.subtle.sign('HMAC', key, encoder.encode(`one-time sign-in\n${expires}`))
  return `${expires.toString(36)}.${Buffer.from(proof.slice(0, PROOF_BYTES)).toString('base64url')}`
}

/** The time until which a key says that it is good; NaN when it has none. */
export function expiryOf(key: string): number {
  return /^[0-9a-z]{8,9}\./.test(key) ? parseInt(key.slice(0, key.indexOf('.')), 36) : NaN
}
