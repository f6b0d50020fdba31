/** Search in the output: every place is counted and can be gone to, of however many lines, while the page goes on answering. */
import type { Line } from './log-line.ts'
import type { Log } from './log.ts'

/** Longest time that the search takes at once. Milliseconds. */
const SLICE_MS = 8
/** Most places. */
const MAX_FOUND = 200_000
/** Places that are marked before and after the current one. */
const MARKED = 500

interface Place {
  line: Line
  from: number
}

export function searchIn(log: Log, form: HTMLElement): void {
  const input = form.querySelector('input')
  const count = form.querySelector('output')
  if (input === null || count === null) return
  let word = ''
  let found: Place[] = []
  /** Places in lines that may still change. */
  let live: Place[] = []
  let next = 0
  let current = -1
  let isOn = false
  /** A step that was asked for before the first place was found. */
  let wanted = 0

  const places = () => (live.length === 0 ? found : [...found, ...live])
  const look = () => {
    isOn = false
    const until = performance.now() + SLICE_MS
    while (next < log.lines.length && performance.now() < until && found.length < MAX_FOUND)
      for (const line of log.lines.slice(next, (next += 200))) found.push(...placesOf(line, word))
    next = Math.min(next, log.lines.length)
    if (next < log.lines.length && found.length < MAX_FOUND) goOn()
    show()
    if (wanted !== 0) go(wanted)
  }
  const goOn = () => {
    if (isOn) return
    isOn = true
    setTimeout(look)
  }
  const show = () => {
    const all = places()
    if (word === '') count.replaceChildren()
    else if (all.length === 0) count.textContent = isOn ? 'searching …' : 'not found'
    else {
      const total = `${all.length}${all.length >= MAX_FOUND ? '+' : ''}`
      const place = all[current]
      if (place === undefined) count.textContent = `${total} found`
      else count.replaceChildren(`${current + 1} of ${total}`, ...linkTo(place))
    }
    markPlaces(all.slice(Math.max(0, current - MARKED), current + MARKED), all[current], word.length)
  }
  const go = (by: number) => {
    wanted = isOn && found.length === 0 ? by : 0
    if (wanted !== 0) return
    const all = places()
    if (all.length === 0) return
    const start = current < 0 && by < 0 ? 0 : current
    current = (start + by + all.length) % all.length
    const place = all[current]
    if (place !== undefined) log.show(place.line)
    show()
  }
  const begin = () => {
    word = input.value.toLowerCase()
    found = []
    live = word === '' ? [] : log.liveLines.flatMap((line) => placesOf(line, word))
    next = word === '' ? log.lines.length : 0
    current = -1
    wanted = 0
    if (word !== '') goOn()
    show()
  }

  input.addEventListener('input', begin)
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') {
      event.preventDefault()
      go(event.shiftKey ? -1 : 1)
    } else if (event.key === 'Escape') {
      input.value = ''
      begin()
      document.getElementById('log')?.focus()
    }
  })
  for (const button of form.querySelectorAll<HTMLElement>('[data-by]'))
    button.addEventListener('click', () => go(Number(button.dataset['by'])))
  log.onChange(() => {
    if (word === '') return
    live = log.liveLines.flatMap((line) => placesOf(line, word))
    goOn()
  })
}

/** Places of a word in a line; case does not count. */
function placesOf(line: Line, word: string): Place[] {
  const text = line.element.textContent
  const small = text.toLowerCase()
  // Where it becomes longer or shorter, places would be others.
  const searched = small.length === text.length ? small : text
  const places: Place[] = []
  for (let from = searched.indexOf(word); from >= 0; from = searched.indexOf(word, from + word.length))
    places.push({ line, from })
  return places
}

function linkTo({ line: { number } }: Place): Node[] {
  if (number === null) return []
  const link = document.createElement('a')
  link.href = `#L${number}`
  link.textContent = `line ${number}`
  return [document.createTextNode(' · '), link]
}

/** Marks places without changing the document: nothing is laid out anew. */
function markPlaces(places: Place[], current: Place | undefined, length: number): void {
  document.querySelector('.line.found')?.classList.remove('found')
  current?.line.element.classList.add('found')
  if (!('highlights' in CSS)) return
  CSS.highlights.set('found', new Highlight(...places.flatMap((place) => rangeOf(place, length))))
  CSS.highlights.set('found-now', new Highlight(...(current === undefined ? [] : rangeOf(current, length))))
}

function rangeOf({ line, from }: Place, length: number): StaticRange[] {
  const [start, end] = [placeAt(line.element, from), placeAt(line.element, from + length)]
  if (start === null || end === null) return []
  const [startContainer, startOffset] = start
  const [endContainer, endOffset] = end
  return [new StaticRange({ startContainer, startOffset, endContainer, endOffset })]
}

/** The text of a line stands in several parts where it is coloured. */
function placeAt(element: HTMLElement, offset: number): [Node, number] | null {
  const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT)
  let before = 0
  for (let text = texts.nextNode(); text !== null; text = texts.nextNode()) {
    const length = text.nodeValue?.length ?? 0
    if (offset <= before + length) return [text, offset - before]
    before += length
  }
  return null
}
