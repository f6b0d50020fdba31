/** Addresses of lines, `#L120` and `#L120-L140`: their lines are marked and brought into view, also when they come later. */
import type { Line } from './log-line.ts'
import type { Log } from './log.ts'

interface Range {
  from: number
  to: number
}

export function followLineLinks(log: Log, element: HTMLElement): void {
  let marked: Line[] = []
  let wanted: Range | null = null
  /** Lines before it have been looked at. */
  let next = 0
  let isToShow = false

  const mark = () => {
    if (wanted === null) return
    const { from, to } = wanted
    const isWanted = ({ number }: Line) => number !== null && number >= from && number <= to
    const fresh = [...log.lines.slice(next), ...log.liveLines].filter(isWanted)
    next = log.lines.length
    for (const line of fresh) line.element.classList.add('marked')
    marked.push(...fresh)
    if (!isToShow || fresh[0] === undefined) return
    isToShow = false
    log.show(fresh[0])
  }
  const want = (range: Range | null, isShown: boolean) => {
    for (const { element } of marked) element.classList.remove('marked')
    marked = []
    next = 0
    wanted = range
    isToShow = isShown
    mark()
  }

  element.addEventListener('click', (event) => {
    const link = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>('a[data-n]') : null
    if (link === null || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    const number = Number(link.dataset['n'])
    const range = event.shiftKey && wanted !== null ? ordered(wanted.from, number) : { from: number, to: number }
    history.replaceState(null, '', addressOf(range))
    if (event.shiftKey) getSelection()?.empty()
    want(range, false)
  })
  addEventListener('hashchange', () => want(rangeIn(location.hash), true))
  log.onChange(mark)
  want(rangeIn(location.hash), true)
}

/** The lines that a text names: `120`, `L120-L140`, `#L120`. */
export function rangeIn(text: string): Range | null {
  const [, first, last = first] = /^#?L?(\d{1,9})(?: ?[-–] ?L?(\d{1,9}))?$/i.exec(text.trim()) ?? []
  return first === undefined ? null : ordered(Number(first), Number(last))
}

export function addressOf({ from, to }: Range): string {
  return from === to ? `#L${from}` : `#L${from}-L${to}`
}

function ordered(a: number, b: number): Range {
  return { from: Math.min(a, b), to: Math.max(a, b) }
}
