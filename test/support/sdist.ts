/** A source distribution, made in memory: a compressed tar with a build backend of its own, which needs nothing to be fetched. */
import { gzipSync } from 'node:zlib'

export interface Sdist {
  name: string
  version: string
  /** The source of the backend's module, which the installer imports to build it. */
  backend: string
}

export function sdistName({ name, version }: Sdist): string {
  return `${name}-${version}.tar.gz`
}

export function sdist({ name, version, backend }: Sdist): Buffer {
  const build = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
  const files: Record<string, string> = {
    'PKG-INFO': `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`,
    'pyproject.toml': `${build}[project]\nname = "${name}"\nversion = "${version}"\n`,
    'backend.py': backend,
  }
  const entries = Object.entries(files).map(([path, text]) => tarEntry(`${name}-${version}/${path}`, text))
  return gzipSync(Buffer.concat([...entries, Buffer.alloc(1024)]))
}

/** A regular file in the ustar format (POSIX.1-1988): a header of 512 bytes, then the content, padded. */
function tarEntry(path: string, text: string): Buffer {
  const body = Buffer.from(text)
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`
  const header = Buffer.alloc(512)
  header.write(path, 0)
  header.write(octal(0o644, 7) + octal(0, 7) + octal(0, 7) + octal(body.length, 11) + octal(0, 11), 100)
  header.write(' '.repeat(8) + '0', 148)
  header.write('ustar\0', 257)
  header.write('00', 263)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${octal(sum, 6)} `, 148)
  return Buffer.concat([header, body, Buffer.alloc(-body.length & 511)])
}
