/** How long ago something was, in words that stay true for as long as they are precise. */

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const

/** `just now`, `3 minutes ago`, `2 days ago`. */
export function ago(ms: number): string {
  for (const [name, length] of UNITS) {
    const n = Math.floor(ms / length)
    if (n > 0) return `${n} ${name}${n === 1 ? '' : 's'} ago`
  }
  return 'just now'
}
