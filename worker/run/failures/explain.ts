/** The one explanation of a failure: its cause and the next step. The words are ours; a program's words stand in quotes. */
import { quote } from '../../text/quote.ts'
import { type Failure, type KnownFacts, ruleFor } from './failure.ts'

/** Characters of a quoted text, and of each one of a list. */
const QUOTED_CHARS = 400
const ITEM_CHARS = 80
/** Text in the runner's own words. */
const PLAIN = /^[\w .()/-]{1,80}$/
const OURS = new Set(['limit', 'full', 'codec', 'content', 'looks_like'])

/** The certain cause of a failure beyond its own words, and the next step; null when there is none. */
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
