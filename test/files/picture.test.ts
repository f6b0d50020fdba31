import { expect, test } from 'vitest'
import { pictureFacts } from '../../worker/files/picture.ts'
import { png } from '../support/pillow.ts'

const bytes = (text: string) => Buffer.from(text, 'latin1')
const filled = (text: string, length: number) => Buffer.concat([bytes(text), Buffer.alloc(length)])

const GIF = bytes('GIF89a\x10\x00\x20\x00\x00\x00\x00;')
const JPEG = bytes(
  '\xff\xd8\xff\xe0\x00\x04ab\xff\xff\xc0\x00\x0b\x08\x00\x20\x00\x10\x01\x01\x11\x00\xff\xda\x00\x02xx\xff\xd9',
)
const webp = (chunk: Buffer) => {
  const size = Buffer.alloc(4)
  size.writeUInt32LE(chunk.length + 4)
  return Buffer.concat([bytes('RIFF'), size, bytes('WEBP'), chunk])
}
const VP8X = webp(filled('VP8X\x0a\x00\x00\x00\x00\x00\x00\x00\x0f\x00\x00\x1f\x00\x00', 4))
const VP8 = webp(filled('VP8 \x10\x00\x00\x00\x00\x00\x00\x9d\x01\x2a\x10\x00\x20\x00', 4))
const VP8L = webp(filled('VP8L\x10\x00\x00\x00\x2f\x0f\xc0\x07\x00', 8))

test.each([
  ['image/png', png({ width: 16, height: 32 })],
  ['image/gif', GIF],
  ['image/jpeg', JPEG],
  ['image/webp', VP8X],
  ['image/webp', VP8],
  ['image/webp', VP8L],
])('%s is known by its bytes, with its size', (mime, body) => {
  expect(pictureFacts(body)).toEqual({ mime, width: 16, height: 32 })
})

test.each([
  ['nothing', Buffer.alloc(0)],
  ['a text', bytes('this is not a picture, whatever its name says, and it is long enough')],
  ['half a PNG', png({ padding: 'x'.repeat(500) }).subarray(0, 300)],
  ['the beginning of a PNG', bytes('\x89PNG\r\n\x1a\n')],
  ['half a JPEG', JPEG.subarray(0, -2)],
  ['a JPEG of nothing but fill', filled('\xff\xd8\xff', 3)],
  ['half a GIF', GIF.subarray(0, -1)],
  ['half a WebP', VP8X.subarray(0, -1)],
  ['an HTML page', bytes(`<html>${' '.repeat(100)}</html>`)],
  ['a PNG bomb', png({ declared: [30_000, 30_000] })],
  ['a PNG with a side of 8,001', png({ declared: [8_001, 1] })],
  ['a PNG without pixels', png({ declared: [0, 10] })],
])('%s is no picture for a model', (_case, body) => {
  expect(pictureFacts(body)).toBeNull()
})

test('any bytes at all are looked at without harm', () => {
  for (let length = 0; length < 64; length++) {
    for (const start of ['\x89PNG\r\n\x1a\n', '\xff\xd8\xff', 'GIF89a', 'RIFF....WEBPVP8X']) {
      const body = filled(start, length).subarray(0, length)
      expect(() => pictureFacts(body)).not.toThrow()
    }
  }
})
