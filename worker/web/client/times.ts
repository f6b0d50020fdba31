/** Times in the reader's own zone and language. */
import { ago } from '../data/ago.ts'

export function showLocalTimes(within: ParentNode): void {
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })
  for (const time of within.querySelectorAll<HTMLTimeElement>('time:not([data-ago])')) {
    const date = new Date(time.dateTime)
    if (!Number.isNaN(date.getTime())) time.textContent = format.format(date)
  }
}

const AGAIN_MS = 15_000

/** Keeps "3 minutes ago" true. */
export function keepAgesTrue(): void {
  setInterval(() => {
    for (const time of document.querySelectorAll<HTMLTimeElement>('time[data-ago]'))
      time.textContent = ago(Date.now() - Date.parse(time.dateTime))
  }, AGAIN_MS)
}
