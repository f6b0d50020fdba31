/** Small Python wheels, made in memory: a wheel is a zip archive with three files of metadata. */
import { crc32 } from 'node:zlib'

export interface Wheel {
  name: string
  version: string
  /** Path → source. */
  modules: Record<string, string>
  /** Lines of `Requires-Dist`. */
  requires?: string[]
  extras?: string[]
}

export function wheelName({ name, version }: Wheel): string {
  return `${name.replaceAll('-', '_')}-${version}-py3-none-any.whl`
}

export function metadataOf({ name, version, extras = [], requires = [] }: Wheel): string {
  const lines = [
    'Metadata-Version: 2.1',
    `Name: ${name}`,
    `Version: ${version}`,
    ...extras.map((extra) => `Provides-Extra: ${extra}`),
    ...requires.map((requirement) => `Requires-Dist: ${requirement}`),
  ]
  return `${lines.join('\n')}\n`
}

export function wheel(of: Wheel): Buffer {
  const info = `${of.name.replaceAll('-', '_')}-${of.version}.dist-info`
  const files: Record<string, string> = {
    ...of.modules,
    [`${info}/METADATA`]: metadataOf(of),
    [`${info}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
  }
  const record = [...Object.keys(files), `${info}/RECORD`].map((path) => `${path},,\n`).join('')
  return zip({ ...files, [`${info}/RECORD`]: record })
}

/** An archive of uncompressed entries (APPNOTE.TXT 4.3: local headers with data, central directory, end record). */
function zip(files: Record<string, string>): Buffer {
  const bodies: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const [path, text] of Object.entries(files)) {
    const name = Buffer.from(path)
    const data = Buffer.from(text)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0) // version needed
    common.writeUInt16LE(0x21, 8) // the date 1980-01-01
    common.writeUInt32LE(crc32(data), 10)
    common.writeUInt32LE(data.length, 14)
    common.writeUInt32LE(data.length, 18)
    common.writeUInt16LE(name.length, 22)
    const body = Buffer.concat([Buffer.from('PK\x03\x04'), common, name, data])
    const attributes = Buffer.alloc(14)
    attributes.writeUInt32LE(0o100644 * 2 ** 16, 6)
    attributes.writeUInt32LE(offset, 10)
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x03', 'latin1'), common, attributes, name]))
    bodies.push(body)
    offset += body.length
  }
  const index = Buffer.concat(directory)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(bodies.length, 4)
  end.writeUInt16LE(bodies.length, 6)
  end.writeUInt32LE(index.length, 8)
  end.writeUInt32LE(offset, 12)
  return Buffer.concat([...bodies, index, Buffer.from('PK\x05\x06'), end])
}
