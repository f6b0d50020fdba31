/** Tools for the output of a run: search, times, the way to a line, copies. */
import { copyBy } from '../copy.ts'
import { onKeys } from './keys.ts'
import { addressOf, followLineLinks, rangeIn } from './line-links.ts'
import type { Log } from './log.ts'
import { LineTimes } from './log-times.ts'
import { searchIn } from './search.ts'

/** Sets the tools up that this page has. */
export function offerTools(log: Log, element: HTMLElement): LineTimes | null {
  followLineLinks(log, element)
  const search = document.getElementById('search')
  const choice = document.querySelector<HTMLSelectElement>('#times')
  const toLine = document.querySelector<HTMLInputElement>('#to-line')
  if (search !== null) searchIn(log, search)
  toLine?.addEventListener('change', () => {
    const range = rangeIn(toLine.value)
    const lines = log.all.findLast(({ number }) => number !== null)?.number ?? 0
    const said = document.getElementById('to-line-said')
    if (said !== null) said.textContent = range === null || range.from <= lines ? '' : thereAre(lines)
    if (range !== null) location.hash = addressOf(range)
  })
  copyBy(document.getElementById('copy-output'), () => log.all.map((line) => line.element.textContent).join(''))
  copyBy(document.getElementById('copy-program'), () =>
    [...document.querySelectorAll('#source code')].map(({ textContent }) => `${textContent}\n`).join(''),
  )
  const times = choice === null ? null : new LineTimes(log, choice)
  onKeys({ '/': () => search?.querySelector('input')?.select(), t: () => times?.turn() })
  return times
}

function thereAre(lines: number): string {
  return lines === 1 ? 'There is 1 line.' : `There are ${lines} lines.`
}
