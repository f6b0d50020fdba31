/** One line of a run's output on the page, with its number, which is a link to it. */
import type { StyleRun } from '../../../run/output/screen-row.ts'

export type Source = 'stdout' | 'stderr' | 'status' | 'install'

/** A step of a run as the server tells it. `at`: milliseconds since 1970. `missed`: what is not kept any more. */
export type Step =
  | { type: Source; text: string; skipped?: number; at?: number }
  | { type: 'missed'; chars: number; lines?: number }

/** A line, or a part of a very long one. */
export interface Line {
  readonly element: HTMLElement
  /** From 1; parts of one line have the same. Null: it is ours, not the program's. */
  readonly number: number | null
  /** Time at which it began: milliseconds since 1970, if that is known. */
  readonly at: number | undefined
}

/** `styles`: classes of its text from left to right. `isLinked`: its number stands before it, and is a link. */
export function lineOf(
  text: string,
  source: Source,
  number: number | null,
  {
    at,
    styles,
    isLinked = false,
  }: { at?: number | undefined; styles?: StyleRun[] | undefined; isLinked?: boolean } = {},
): Line {
  const element = document.createElement('span')
  element.className = `line ${source}`
  if (number !== null && isLinked) element.append(linkTo(number))
  let from = 0
  for (const { end, style } of styles ?? []) {
    element.append(styled(text.slice(from, end), style))
    from = end
  }
  element.append(`${text.slice(from)}\n`)
  return { element, number, at }
}

/** Of the text alone: what it shows is in an attribute, so that it is neither copied nor read aloud with each line. */
function linkTo(number: number): HTMLElement {
  const link = document.createElement('a')
  link.href = `#L${number}`
  link.dataset['n'] = `${number}`
  link.tabIndex = -1
  link.ariaHidden = 'true'
  return link
}

function styled(text: string, style: string): Node {
  if (style === '') return document.createTextNode(text)
  const part = document.createElement('span')
  part.className = style
  part.append(text)
  return part
}
