/** Lengths of what goes on, counted on once a second. */
import { duration } from '../data/run-words.ts'

export function countOn(): void {
  setInterval(() => {
    for (const place of document.querySelectorAll<HTMLElement>('[data-since]'))
      place.textContent = duration(Math.max(0, Date.now() - Date.parse(place.dataset['since'] ?? '')))
  }, 1_000)
}
