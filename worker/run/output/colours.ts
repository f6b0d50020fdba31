/** Colours and weights that a program prints for a terminal, as classes. The screen reads the sequences; this says what one of them changes. */

/** Classes that a code sets, and the kinds of style that one ends. A kind has one class at a time. */
const SET: Record<number, string> = { 1: 'bold', 2: 'dim', 3: 'italic', 4: 'underline', 7: 'inverse', 9: 'struck' }
const ENDED: Record<number, string[]> = {
  22: ['bold', 'dim'],
  23: ['italic'],
  24: ['underline'],
  27: ['inverse'],
  29: ['struck'],
  39: ['fg'],
  49: ['bg'],
}

/** The style after "select graphic rendition" with these parameters: classes, with a blank between them. */
export function restyled(style: string, parameters: string): string {
  if (!/^[\d;:]*$/.test(parameters)) return style // another sequence that ends with the same letter
  const classes = new Map(
    style
      .split(' ')
      .filter((each) => each !== '')
      .map((each) => [kindOf(each), each]),
  )
  const codes = parameters.split(/[;:]/).map(Number)
  while (codes.length > 0) {
    const code = codes.shift() ?? 0
    const set = SET[code]
    if (code === 0) classes.clear()
    else if (set !== undefined) classes.set(set, set)
    else if (code === 38 || code === 48) {
      const colour = longColour(codes)
      if (colour !== null) classes.set(code === 38 ? 'fg' : 'bg', `${code === 38 ? 'fg' : 'bg'}-${colour}`)
    } else if (ENDED[code] !== undefined) for (const kind of ENDED[code]) classes.delete(kind)
    else {
      const bright = code >= 90 ? 8 : 0
      const colour = code - (bright === 0 ? 30 : 90)
      if (colour >= 0 && colour < 8) classes.set('fg', `fg-${colour + bright}`)
      else if (colour >= 10 && colour < 18) classes.set('bg', `bg-${colour - 10 + bright}`)
    }
  }
  return [...classes.values()].join(' ')
}

function kindOf(name: string): string {
  return name.split('-')[0] ?? name
}

/** Takes the rest of a colour of 256 or of millions: the nearest of the sixteen, which can be read on light and dark pages. */
function longColour(codes: number[]): number | null {
  const kind = codes.shift()
  if (kind === 2) {
    const [red = 0, green = 0, blue = 0] = codes.splice(0, 3)
    return nearest(red, green, blue)
  }
  if (kind !== 5) return null
  const index = codes.shift() ?? 0
  if (index > 255) return null
  if (index < 16) return index
  if (index >= 232) return nearest(...grey(8 + 10 * (index - 232)))
  const level = (part: number) => (part === 0 ? 0 : 55 + 40 * part)
  const cube = index - 16
  return nearest(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6))
}

function grey(level: number): [number, number, number] {
  return [level, level, level]
}

function nearest(red: number, green: number, blue: number): number {
  const [most, least] = [Math.max(red, green, blue), Math.min(red, green, blue)]
  if (most - least < 32) return most < 64 ? 0 : most < 140 ? 8 : most < 220 ? 7 : 15
  const middle = (most + least) / 2
  const colour = (red > middle ? 1 : 0) | (green > middle ? 2 : 0) | (blue > middle ? 4 : 0)
  return most > 215 ? colour + 8 : colour
}
