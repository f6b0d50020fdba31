/** What a pattern looks at around a place, from every place anew: so the look must end soon, and be linear itself. */
import { CharSet, JS, type NoParent, visitAst } from 'refa'

type Parsed = ReturnType<JS.Parser['parse']>
type Concatenation = NoParent<Parsed['expression']['alternatives'][number]>
type Element = Concatenation['elements'][number]

/** Characters. So often, at most, each one is read again: a factor that does not depend on the text's length. */
const MAX_LOOK = 250

export interface Look {
  isLong: boolean
  /** What it looks for, as a pattern of its own: counts have no end there, and something that fails comes last. */
  source: string
  flags: string
}

/** The looks ahead and behind of a pattern, without those at a single character. */
export function looksOf({ expression, maxCharacter }: Parsed): Look[] {
  const looks: Look[] = []
  const fails: Element = { type: 'CharacterClass', characters: CharSet.fromCharacter(maxCharacter, 0) }
  visitAst(expression, {
    onAssertionEnter: ({ alternatives }) => {
      const length = longest(alternatives)
      if (length <= 1) return
      const body: Element = { type: 'Alternation', alternatives: alternatives.map(withEndlessCounts) }
      const { source, flags } = JS.toLiteral({ type: 'Concatenation', elements: [body, fails] })
      looks.push({ isLong: length > MAX_LOOK, source, flags })
    },
  })
  return looks
}

/** Characters that are read at most; what is looked at from within is added. */
function longest(alternatives: readonly Concatenation[]): number {
  const lengths = alternatives.map(({ elements }) => elements.reduce((sum, element) => sum + lengthOf(element), 0))
  return Math.max(0, ...lengths)
}

function lengthOf(element: Element): number {
  switch (element.type) {
    case 'CharacterClass':
      return 1
    case 'Unknown':
      return Infinity
    case 'Quantifier':
      return element.max * Math.max(1, longest(element.alternatives))
    case 'Alternation':
    case 'Assertion':
      return longest(element.alternatives)
  }
}

/** Within a look a count is no small factor: two of them that share characters multiply. A fixed one leaves no choice. */
function withEndlessCounts({ type, elements }: Concatenation): Concatenation {
  return {
    type,
    elements: elements.map((element) => {
      switch (element.type) {
        case 'Quantifier': {
          const { min, max } = element
          const alternatives = element.alternatives.map(withEndlessCounts)
          return { ...element, alternatives, max: max === min || max === 1 ? max : Infinity }
        }
        case 'Alternation':
          return { ...element, alternatives: element.alternatives.map(withEndlessCounts) }
        default:
          return element
      }
    }),
  }
}
