/** Text without anything that a reader cannot see: the first step for all text that is stored, shown or compared. */

const ESC = String.fromCharCode(27)
const BEL = String.fromCharCode(7)
/** Terminal sequences: CSI, then OSC up to its terminator, then any other two-character escape. */
const ANSI = new RegExp(`${ESC}(?:\\[[0-?]*[ -/]*[@-~]|\\][^${BEL}${ESC}]*(?:${BEL}|${ESC}\\\\)?|.)?`, 'g')
/** Control, format (zero-width, bidi, tags), private-use and surrogate characters, and variation selectors. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Variation_Selector}]/gu
/** INVISIBLE and blanks of a font: line separators, unassigned characters, fillers, the Braille cell without dots. */
const BLANK = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Cn}\p{Default_Ignorable_Code_Point}\u2800]+/gu

/** Removes ANSI sequences, control, zero-width and bidi characters; keeps newlines and tabs. */
export function clean(text: string): string {
  return text
    .toWellFormed()
    .replace(/\r\n?|\u2028|\u2029/g, '\n')
    .replace(ANSI, '')
    .replace(INVISIBLE, (character) => (character === '\n' || character === '\t' ? character : ''))
}

/** A stranger's name, on one line: nothing in it is invisible, turns the text around it or is piled upon it; may be empty. */
export function visibleName(name: string): string {
  return name
    .replaceAll(BLANK, ' ')
    .replaceAll(/\p{M}{3,}/gu, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
}

/** The text cut to `max` UTF-16 code units, the last of them an ellipsis when it was longer; no torn characters. */
export function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}
