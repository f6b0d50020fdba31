/**
 * Whether a backtracking engine's time for a pattern grows with the text, not with its square. Two proofs together: `scslre` finds
 * repetitions within repetitions and neighbours that trade characters; `loops.ts` finds loops that can read the same text from one
 * place, however much stands between them, and searches that begin anew within a loop of their own.
 */
import { isDisjointWith, JS, NFA, visitAst } from 'refa'
import { analyse } from 'scslre'
import { looksOf } from './looks.ts'
import { readTheSame } from './loops.ts'

/** A repetition that is counted further than this is as good as endless: so often each character may be looked at again. */
const MAX_COUNT = 400

export interface Pattern {
  source: string
  flags: string
  /** It is tried at one place only, as Python's `match` does; JavaScript's patterns say so themselves. */
  anchored?: boolean
}

type Parsed = ReturnType<JS.Parser['parse']>
type Expression = Parsed['expression']
type Concatenation = Expression['alternatives'][number]

/** Null for a pattern whose time is linear, else why it is not. What cannot be proven is refused. */
export function superLinear({ source, flags, anchored = false }: Pattern): string | null {
  const parser = JS.Parser.fromLiteral({ source, flags })
  try {
    const parsed = parser.parse({ maxBackreferenceWords: 0 })
    const tooFar = countedTooFar(parsed.expression) ?? looksTooFar(parsed)
    if (tooFar !== null) return tooFar
  } catch (error) {
    return `it cannot be proven (${error instanceof Error ? error.message : 'no reason'})`
  }
  const { expression, maxCharacter } = parser.parse({ assertions: 'ignore' })
  if (choosesInLoops(expression, maxCharacter)) return 'alternatives of a repetition can read the same text'
  const [report] = analyse({ source, flags }, { reportTypes: { Move: !anchored, Self: true, Trade: true } }).reports
  if (report !== undefined) return `repetitions share characters (${report.type})`
  const isAnchored = anchored || flags.includes('y')
  return readTheSame(source, flags, isAnchored ? 'at one place' : 'searched')
    ? 'two repetitions can read the same text, or a search begins anew within one of its own'
    : null
}

function countedTooFar(expression: Expression): string | null {
  const reasons: string[] = []
  visitAst(expression, {
    onQuantifierEnter: ({ max }) => {
      if (max > MAX_COUNT && max !== Infinity) reasons.push(`a repetition is counted to ${max}, more than ${MAX_COUNT}`)
    },
  })
  return reasons[0] ?? null
}

function looksTooFar(parsed: Parsed): string | null {
  for (const { isLong, source, flags } of looksOf(parsed)) {
    if (isLong) return 'a look around reads on from every place'
    const reason = superLinear({ source, flags, anchored: true })
    if (reason !== null) return `within a look around ${reason}`
  }
  return null
}

/** Whether alternatives within an endless repetition have a text in common: each time it comes there are two ways to go on. */
function choosesInLoops(expression: Expression, maxCharacter: number): boolean {
  let chooses = false
  const compare = ({ alternatives }: { alternatives: Concatenation[] }) => {
    const automata = alternatives.map((alternative) => NFA.fromRegex(alternative, { maxCharacter }))
    chooses ||= automata.some((one, index) => automata.slice(index + 1).some((other) => !isDisjointWith(one, other)))
  }
  visitAst(expression, {
    onQuantifierEnter: (quantifier) => {
      if (quantifier.max === Infinity) visitAst(quantifier, { onQuantifierEnter: compare, onAlternationEnter: compare })
    },
  })
  return chooses
}
