/**
 * The files that a text names, and their order. The search is for existing files, not for texts that look like a path: so names with
 * spaces, brackets and quotes need no grammar, and a name of no file means nothing. It takes one pass over the text for each file, whatever
 * the text is.
 */

/** Characters that continue a file's name: `chart.png` is not named by `mychart.png`, `chart.png-old` or `chart.pngs`. */
const OF_A_NAME = /[\p{L}\p{N}\p{M}_~-]/u
/** Most places of one name that are looked at: a name that is everywhere in the text, as a part of others, must not cost more. */
const MAX_PLACES = 1_000

/** The `paths` (relative, with `/`) that the text names, first mention first; by whole path, or by a base name that only one has. */
export function namedFiles(text: string, paths: readonly string[]): string[] {
  const taken = new Uint8Array(text.length)
  const firstMention = new Map<string, number>()
  for (const { name, path } of names(paths)) {
    let places = 0
    for (let at = text.indexOf(name); at >= 0 && places++ < MAX_PLACES; at = text.indexOf(name, at + 1)) {
      const end = at + name.length
      // Longer names came first: the text that they took names them and nothing else.
      if (taken[at] === 1 || taken[end - 1] === 1 || !beginsAt(text, at) || !endsAt(text, end)) continue
      taken.fill(1, at, end)
      firstMention.set(path, Math.min(at, firstMention.get(path) ?? at))
      at = end - 1
    }
  }
  return [...firstMention].toSorted(([, one], [, other]) => one - other).map(([path]) => path)
}

/** All names to look for, the longest first. */
function names(paths: readonly string[]): { name: string; path: string }[] {
  const owners = new Map<string, string[]>()
  for (const path of paths) {
    const name = baseName(path)
    owners.set(name, [...(owners.get(name) ?? []), path])
  }
  const all = paths.map((path) => ({ name: path, path }))
  for (const [name, [path, ...others]] of owners) {
    if (path !== undefined && path !== name && others.length === 0) all.push({ name, path })
  }
  return all.toSorted((one, other) => other.name.length - one.name.length || (one.name < other.name ? -1 : 1))
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** A slash may come before: the text may give the absolute path. */
function beginsAt(text: string, at: number): boolean {
  const before = characterBefore(text, at)
  return before !== '.' && !OF_A_NAME.test(before)
}

/** A dot may follow that ends a sentence, not one that begins an extension. */
function endsAt(text: string, end: number): boolean {
  const after = text.slice(end, end + 2)
  if (after === '' || /^\.(?:$|[^\p{L}\p{N}])/u.test(after)) return true
  return (
    !after.startsWith('.') &&
    !after.startsWith('/') &&
    !OF_A_NAME.test(String.fromCodePoint(text.codePointAt(end) ?? 0))
  )
}

function characterBefore(text: string, at: number): string {
  const unit = text[at - 1] ?? ''
  const isLowSurrogate = unit >= '\udc00' && unit <= '\udfff'
  return isLowSurrogate ? text.slice(Math.max(0, at - 2), at) : unit
}
