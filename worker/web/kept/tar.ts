/** Entries of a tar (POSIX.1-1988, ustar): as much as it takes to put a few files of ours before an archive that GNU tar makes. */

const BLOCK = 512
/** Longest name: this form has longer ones in two parts. */
const MAX_NAME = 100

/** The header of a regular file; its bytes follow, and `tarPadding`. `name`: ASCII. */
export function tarHeader(name: string, bytes: number, modified: number): Uint8Array {
  if (name.length > MAX_NAME) throw new Error(`the name ${name} is too long for a tar`)
  const header = new Uint8Array(BLOCK)
  const write = (at: number, text: string) => header.set(new TextEncoder().encode(text), at)
  const octal = (value: number, digits: number) => Math.floor(value).toString(8).padStart(digits, '0')
  write(0, name)
  write(100, `${octal(0o644, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0`)
  write(124, `${octal(bytes, 11)}\0${octal(modified / 1000, 11)}\0`)
  write(148, ' '.repeat(8))
  write(156, '0')
  write(257, 'ustar\x0000')
  const sum = header.reduce((total, byte) => total + byte, 0)
  write(148, `${octal(sum, 6)}\0 `)
  return header
}

/** Zeros that fill an entry's last block. */
export function tarPadding(bytes: number): Uint8Array {
  return new Uint8Array((BLOCK - (bytes % BLOCK)) % BLOCK)
}

/** The end of an archive. */
export function tarEnd(): Uint8Array {
  return new Uint8Array(2 * BLOCK)
}
