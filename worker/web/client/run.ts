/** One run as it goes on: its output by its events, and everything else anew at its end. */
import { Log } from './log.ts'
import { renewParts } from './parts.ts'

type Event =
  | { type: 'stdout' | 'stderr'; text: string; skipped?: number }
  | { type: 'status' | 'install'; text: string }
  | { type: 'missed'; chars: number }

export function followRun(element: HTMLElement): void {
  const address = element.dataset['events'] ?? ''
  const tail = document.getElementById('tail')
  const log = new Log(element, tail)
  let isBegun = false
  const add = ({ data }: MessageEvent<string>) => {
    // What the server had put here without this module.
    if (!isBegun) element.replaceChildren()
    isBegun = true
    const event: Event = JSON.parse(data)
    if (event.type === 'missed') log.note(`${event.chars} characters are not kept any more`)
    else log.add(event.text, event.type)
  }
  // The browser connects again by itself, from the last event that it had.
  const source = new EventSource(address)
  for (const type of ['stdout', 'stderr', 'status', 'install', 'missed']) source.addEventListener(type, add)
  source.addEventListener('started', () => void renewParts('facts').catch(() => {}))
  source.addEventListener('outcome', () => {
    source.close()
    log.end()
    renewParts('facts', 'made', 'source').catch(() => location.reload())
  })
  const stop = document.querySelector<HTMLFormElement>('form[action$="/stop"]')
  stop?.addEventListener('submit', () => {
    const button = stop.querySelector('button')
    if (button !== null) button.textContent = 'Stopping …'
  })
}
