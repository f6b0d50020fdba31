/** Texts of programs, models and strangers within texts of ours: they end no quotation, hide nothing and are cut to size. */
import { clean, cut } from './clean.ts'

/**
 * A JSON string literal. Characters that would open a tag or a markdown image are escaped, so that it is data wherever the text may come to
 * stand.
 */
export function quote(text: string, max: number): string {
  return JSON.stringify(cut(clean(text), max))
    .replace(/<(?=[/!?|a-z])/gi, '\\u003c')
    .replace(/!\[/g, '!\\u005b')
}

/** A text for a structured field, cut to size, without invisible characters and those that terminals act on. */
export function shownText(text: string, max: number): string {
  return cut(clean(text), max)
}

/** A name that stands within a line of ours. */
export function shownInOneLine(text: string, max: number): string {
  return shownText(text, max).replaceAll(/\s+/g, ' ')
}
