/** A pattern as an automaton in which an assertion at its end can still fail, and one before that always holds. */
import { CharSet, JS, NFA } from 'refa'

type Parsed = ReturnType<JS.Parser['parse']>
type Concatenation = Parsed['expression']['alternatives'][number]
type Element = Concatenation['elements'][number]

/** Characters that stand for assertions, and for nothing else: `$` and `^` without the flag m, and every other one. */
const END = 0xffff
const START = 0xfffe
const OTHER = 0xfffd
const MARKS = { min: OTHER, max: END }

export interface Automaton {
  initial: NFA.Node
  finals: ReadonlySet<NFA.Node>
  maxCharacter: number
  /** Where a search does not begin: behind these. */
  notBefore: CharSet
}

export function automatonOf(source: string, flags: string): Automaton {
  const atLines = flags.includes('m') ? withLineStarts(source) : source
  const { expression, maxCharacter } = JS.Parser.fromLiteral({ source: atLines, flags }).parse()
  const notBefore = expression.alternatives.map((alternative) => refusedBefore(alternative, maxCharacter))
  const alternatives = expression.alternatives.map((alternative) => withoutAssertions(alternative, true, maxCharacter))
  const automaton = NFA.fromRegex({ ...expression, alternatives }, { maxCharacter })
  const { initial, finals } = automaton
  const anything = CharSet.all(maxCharacter).without(MARKS)
  return {
    initial,
    finals: new Set([...automaton.nodes()].filter((node) => finals.has(node) || readsToTheEnd(node, finals, anything))),
    maxCharacter,
    notBefore: notBefore.reduce((all, one) => all.intersect(one)),
  }
}

/** `^` of the flag m as the line break before it: a search begins anew at a line only when a line break was read. */
function withLineStarts(source: string): string {
  return source.replaceAll(/\\.|\[(?:\\.|[^\]\\])*\]|\^/gs, (token) => (token === '^' ? '\\n' : token))
}

/** The characters of a single class in a leading `(?<!…)`. */
function refusedBefore({ elements: [first] }: Concatenation, maxCharacter: number): CharSet {
  const [behind, ...others] = first?.type === 'Assertion' && first.kind === 'behind' ? first.alternatives : []
  const [refused, ...more] = behind?.elements ?? []
  const isSingle = refused?.type === 'CharacterClass' && others.length + more.length === 0
  return isSingle && first?.type === 'Assertion' && first.negate ? refused.characters : CharSet.empty(maxCharacter)
}

/** Counts are shortened, too: what repeats without end is what makes the time grow. */
function withoutAssertions(concatenation: Concatenation, isLast: boolean, maxCharacter: number): Concatenation {
  const elements: Element[] = []
  for (const element of concatenation.elements.toReversed()) {
    switch (element.type) {
      case 'Assertion': {
        const { kind } = element
        const isEdge = refusesAnything(element)
        const characters = CharSet.fromCharacter(maxCharacter, !isEdge ? OTHER : kind === 'ahead' ? END : START)
        const counts = kind === 'ahead' ? isLast : isEdge
        if (counts) elements.unshift({ type: 'CharacterClass', parent: concatenation, characters })
        break
      }
      case 'Alternation':
      case 'Quantifier': {
        const alternatives = element.alternatives.map((one) => withoutAssertions(one, isLast, maxCharacter))
        elements.unshift({ ...element, alternatives, ...(element.type === 'Quantifier' && shortened(element)) })
        isLast &&= canBeEmpty(element)
        break
      }
      case 'CharacterClass':
        elements.unshift({ ...element, characters: element.characters.without(MARKS) })
        isLast = false
        break
      case 'Unknown':
        elements.unshift(element)
        isLast = false
    }
  }
  return { ...concatenation, elements }
}

/** `$` and `^` without the flag m are no character ahead, and none behind. */
function refusesAnything({ negate, alternatives: [first] }: Element & { type: 'Assertion' }): boolean {
  const [refused] = first?.elements ?? []
  return negate && refused?.type === 'CharacterClass' && refused.characters.isAll
}

function shortened({ min, max }: { min: number; max: number }): { min: number; max: number } {
  return { min: Math.min(min, 1), max: max === Infinity ? max : Math.min(max, 2) }
}

function canBeEmpty(element: Element): boolean {
  if (element.type === 'Assertion') return true
  if (element.type === 'CharacterClass' || element.type === 'Unknown') return false
  if (element.type === 'Quantifier' && element.min === 0) return true
  return element.alternatives.some(({ elements }) => elements.every(canBeEmpty))
}

/** A loop over anything, with the end of the text behind it, always gets there. */
function readsToTheEnd(node: NFA.Node, finals: ReadonlySet<NFA.Node>, anything: CharSet): boolean {
  const ends = [...node.out].some(([next, by]) => finals.has(next) && by.size === 1 && by.has(END))
  return ends && node.out.get(node)?.isSupersetOf(anything) === true
}
