/**
 * Slips of the keyboard: the well-known name that an unknown one was probably meant to be. Attackers register such names, and models invent
 * them; so an unknown name that is *almost* a known one is not installed.
 */

/** Affixes that make another name of a known one, which looks official. */
const AFFIX = /^(?:python3?|py3?|lib)-|-(?:python3?|py3?|lib|pip|package|client-python)$/

/** Shortest known name of which one other letter makes a slip, and of which two do. */
const ONE_EDIT_FROM = 5
const TWO_EDITS_FROM = 9

/** The known name of which `name` is a slip, or null. Both in normal form; `name` is not among `known`. */
export function lookAlike(name: string, known: ReadonlySet<string>): string | null {
  const stripped = name.replace(AFFIX, '')
  if (stripped !== name && stripped.length > 2 && known.has(stripped)) return stripped
  let best: string | null = null
  let bestDistance = 3
  for (const candidate of known) {
    if (Math.abs(candidate.length - name.length) > 2) continue
    const distance = slipDistance(name, candidate)
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/**
 * Distance of two names: 0 when only separators differ, up to 1 or 2 for so many slips, 3 when the names are too different, or too short to
 * say.
 */
function slipDistance(name: string, known: string): number {
  if (name.replaceAll('-', '') === known.replaceAll('-', '')) return known.length > 3 ? 0 : 3
  const [a, b] = withoutCommonStart(name.split('-'), known.split('-'))
  // Short names have many real neighbours: only slips that fingers make by themselves count there.
  if (b.length < ONE_EDIT_FROM) return b.length === 4 && (isTransposition(a, b) || isDoubling(a, b)) ? 1 : 3
  const distance = editDistance(a, b, 2)
  // Of two equally near names, the one with the same letters was meant.
  if (distance <= 1) return letters(a) === letters(b) ? 0.5 : distance
  const far = b.length >= TWO_EDITS_FROM && a.length >= TWO_EDITS_FROM - 1 && a[0] === b[0]
  return far ? distance : 3
}

/** The rest of two names after the words that they begin with alike: families such as `pytest-…` make everything long. */
function withoutCommonStart(a: string[], b: string[]): [string, string] {
  let same = 0
  while (same < a.length && same < b.length && a[same] === b[same]) same++
  return [a.slice(same).join(''), b.slice(same).join('')]
}

function isTransposition(a: string, b: string): boolean {
  return a.length === b.length && editDistance(a, b, 1) === 1 && letters(a) === letters(b)
}

function letters(text: string): string {
  return text.split('').toSorted().join('')
}

/** Returns whether one letter of the name was typed twice. */
function isDoubling(a: string, b: string): boolean {
  let at = 1
  while (at < a.length && a[at] === b[at]) at++
  return a[at] === a[at - 1] && a.slice(0, at) + a.slice(at + 1) === b
}

/** Insertions, deletions, substitutions and swaps of neighbours between two texts (optimal string alignment), `limit + 1` when more. */
export function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1
  let before: number[] = []
  let above = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      let cost = Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + same)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, before[j - 2]! + 1)
      row.push(cost)
    }
    if (Math.min(...row) > limit) return limit + 1
    before = above
    above = row
  }
  return Math.min(above[b.length]!, limit + 1)
}
