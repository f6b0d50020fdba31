/**
 * Facts about a picture from its own bytes. Some clients refuse a whole result when a model cannot read a picture in it. So a file that
 * only calls itself a picture, breaks off, or unpacks into far more than it weighs must not be attached as it is.
 */
export interface PictureFacts {
  mime: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp'
  width: number
  height: number
}

/** Largest picture that models take: longest side, and pixels in all. */
const MAX_SIDE = 8_000
const MAX_PIXELS = 40_000_000

/** The facts; null for a file that is none of the four types, is not whole, or is larger than models take. */
export function pictureFacts(body: Uint8Array): PictureFacts | null {
  const facts = wholePicture(body)
  if (facts === null) return null
  const { width, height } = facts
  return Math.max(width, height) > MAX_SIDE || width * height > MAX_PIXELS ? null : facts
}

/** The same of a picture of any size, which browsers show. */
export function wholePicture(body: Uint8Array): PictureFacts | null {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  const facts = png(body, view) ?? jpeg(body, view) ?? gif(body, view) ?? webp(body, view)
  return facts === null || facts.width < 1 || facts.height < 1 ? null : facts
}

/** PNG (third edition), 5.2 and 11.2.1. */
function png(body: Uint8Array, view: DataView): PictureFacts | null {
  if (body.length < 45 || !has(body, 0, '\x89PNG\r\n\x1a\n') || !has(body, 12, 'IHDR')) return null
  if (!has(body, body.length - 8, 'IEND')) return null
  return { mime: 'image/png', width: view.getUint32(16), height: view.getUint32(20) }
}

/** ITU-T T.81, B.1 and B.2.2: segments up to the frame header. */
function jpeg(body: Uint8Array, view: DataView): PictureFacts | null {
  const whole = has(body, 0, '\xff\xd8\xff') && has(body, body.length - 2, '\xff\xd9')
  for (let at = 2; whole && at + 9 < body.length && body[at] === 0xff;) {
    const marker = body[at + 1] ?? 0
    if (marker === 0xff) {
      at++ // a fill byte
      continue
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
    if (isFrame) return { mime: 'image/jpeg', width: view.getUint16(at + 7), height: view.getUint16(at + 5) }
    at += 2 + Math.max(2, view.getUint16(at + 2))
  }
  return null
}

/** GIF89a, 17, 18 and 27. */
function gif(body: Uint8Array, view: DataView): PictureFacts | null {
  if (body.length < 14 || !(has(body, 0, 'GIF87a') || has(body, 0, 'GIF89a')) || body.at(-1) !== 0x3b) return null
  return { mime: 'image/gif', width: view.getUint16(6, true), height: view.getUint16(8, true) }
}

/** RFC 9649, 2.4 to 2.7. */
function webp(body: Uint8Array, view: DataView): PictureFacts | null {
  if (body.length < 30 || !has(body, 0, 'RIFF') || !has(body, 8, 'WEBP')) return null
  if (view.getUint32(4, true) + 8 > body.length) return null
  const mime = 'image/webp'
  const uint24 = (at: number) => view.getUint16(at, true) + view.getUint8(at + 2) * 2 ** 16
  if (has(body, 12, 'VP8X')) return { mime, width: uint24(24) + 1, height: uint24(27) + 1 }
  if (has(body, 12, 'VP8L')) {
    const bits = view.getUint32(21, true)
    return { mime, width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
  }
  if (!has(body, 12, 'VP8 ')) return null
  return { mime, width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff }
}

/** Returns whether these bytes, one for each character, stand there. */
function has(body: Uint8Array, at: number, bytes: string): boolean {
  for (let index = 0; index < bytes.length; index++) {
    if (body[at + index] !== bytes.charCodeAt(index)) return false
  }
  return true
}
