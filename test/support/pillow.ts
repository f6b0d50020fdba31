/** Pictures without Pillow: small PNGs made here, and a stand-in for Pillow as a wheel. */
import { readFileSync } from 'node:fs'
import { crc32, deflateSync } from 'node:zlib'
import type { Wheel } from './wheel.ts'

/** What `import PIL` finds once it is installed: reads the size of a PNG, and writes pictures whose bytes grow with their pixels. */
export function pillowWheel(): Wheel {
  const source = (name: string) => readFileSync(new URL(`../fixtures/pillow/${name}`, import.meta.url), 'utf8')
  return {
    name: 'pillow',
    version: '12.0.0',
    modules: { 'PIL/__init__.py': '', 'PIL/Image.py': source('Image.py'), 'PIL/ImageOps.py': source('ImageOps.py') },
  }
}

/** A whole, grey PNG. `padding` bytes of it are in a chunk that readers skip; `bomb` declares a size that is not there. */
export function png({
  width = 8,
  height = 8,
  padding = '',
  declared = [width, height] as [number, number],
} = {}): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(declared[0], 0)
  header.writeUInt32BE(declared[1], 4)
  header[8] = 8
  const row = Buffer.concat([Buffer.from([0]), Buffer.alloc(width, 0x80)])
  const pixels = deflateSync(Buffer.concat(Array.from({ length: height }, () => row)))
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('paDd', Buffer.from(padding)),
    chunk('IDAT', pixels),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(kind: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(kind), data])
  const ends = Buffer.alloc(8)
  ends.writeUInt32BE(data.length, 0)
  ends.writeUInt32BE(crc32(body), 4)
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)])
}
