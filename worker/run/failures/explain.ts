/** The one explanation of a failure: why, and what to do. Its words are ours; what a program says stands in quotes. */
import { quote } from '../../text/quote.ts'
import { type Failure, type KnownFacts, ruleFor } from './failure.ts'

/** Characters of a quoted text, and of each one of a list. */
const QUOTED_CHARS = 400
const ITEM_CHARS = 80
/** What the runner words itself. */
const PLAIN = /^[\w .()/-]{1,80}$/
const OURS = new Set(['limit', 'full', 'codec', 'content', 'looks_like'])

/** What is surely known of a failure beyond its own words, and the next step; null when that is nothing. */
export function explain(failure: Failure, context: KnownFacts = {}): string | null {
  const { rule, facts } = ruleFor(failure, context)
  if (rule?.hint === undefined) return null
  const hint = filled(rule.hint, facts.known, context)
  return rule.plain === true ? hint : `${sentence(filled(rule.reason, facts.known, context))} ${hint}`
}

/** A text with the facts that it names. Texts of `context` are in our own words. */
export function filled(text: string, known: KnownFacts, context: KnownFacts = {}): string {
  return text.replaceAll(/\{([a-z_]{1,30})\}/g, (_, name: string) => {
    const ours = context[name]
    return typeof ours === 'string' ? ours : shown(name, known[name])
  })
}

function shown(name: string, fact: KnownFacts[string] | undefined): string {
  if (fact === undefined) return '?'
  if (typeof fact === 'number') return `${fact}`
  if (typeof fact !== 'string') return fact.map((item) => quote(item, ITEM_CHARS)).join(', ')
  return OURS.has(name) && PLAIN.test(fact) ? fact : quote(fact, QUOTED_CHARS)
}

function sentence(reason: string): string {
  return `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.`
}
