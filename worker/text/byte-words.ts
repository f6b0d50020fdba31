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

/** `2 GiB`, `0.5 MiB`: in powers of 1,024, as limits are. */
export function sizeWords(bytes: number): string {
  const [unit, name] = bytes >= 1024 ** 3 ? [1024 ** 3, 'GiB'] : [1024 ** 2, 'MiB']
  return `${Number((bytes / unit).toFixed(2))} ${name}`
}
