/** A `.tar.gz` of several members, unpacked: each name with its text. */
import { gunzipSync } from 'node:zlib'
import { expect } from 'vitest'

export async function unpacked(packed: ReadableStream<Uint8Array>): Promise<Record<string, string>> {
  // The platform's DecompressionStream reads one member alone.
  const bytes = new Uint8Array(gunzipSync(new Uint8Array(await new Response(packed).arrayBuffer())))
  const text = (at: number, length: number) =>
    new TextDecoder().decode(bytes.subarray(at, at + length)).replace(/\0.*$/s, '')
  const found: Record<string, string> = {}
  let at = 0
  for (; text(at, 100) !== '';) {
    const size = parseInt(text(at + 124, 12), 8)
    found[text(at, 100)] = text(at + 512, size)
    at += 512 + Math.ceil(size / 512) * 512
  }
  // It ends with two blocks of zeros, and with nothing behind them.
  expect(bytes.length - at).toBe(1024)
  expect(bytes.subarray(at).every((byte) => byte === 0)).toBe(true)
  return found
}
