/** Sizes of files and texts in words. */

const UNITS = ['kB', 'MB', 'GB', 'TB']

/** `1 byte`, `812 bytes`, `12 kB`, `4.9 MB`: two digits at least, in powers of 1,000. */
export function byteWords(bytes: number): string {
  if (bytes < 1000) return `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}`
  let size = bytes
  let unit = ''
  for (const next of UNITS) {
    if (Number(size.toFixed(size < 10 ? 1 : 0)) < 1000) break
    size /= 1000
    unit = next
  }
  return `${Number(size.toFixed(size < 10 ? 1 : 0))} ${unit}`
}
