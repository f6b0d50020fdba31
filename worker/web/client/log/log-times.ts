/** The time of each line of output: none, since the run's start, or by the reader's clock. The browser remembers which. */
import type { Log } from './log.ts'

const STORED = 'times of lines'

export class LineTimes {
  /** Time at which the program began: milliseconds since 1970. */
  start: number | undefined
  readonly #log: Log
  readonly #choice: HTMLSelectElement

  constructor(log: Log, choice: HTMLSelectElement) {
    this.#log = log
    this.#choice = choice
    choice.value = localStorage.getItem(STORED) ?? ''
    if (choice.selectedIndex < 0) choice.selectedIndex = 0
    choice.addEventListener('change', () => this.#changed())
    this.#changed()
  }

  /** The next kind. */
  turn(): void {
    this.#choice.selectedIndex = (this.#choice.selectedIndex + 1) % this.#choice.length
    this.#changed()
  }

  #changed(): void {
    const { value } = this.#choice
    localStorage.setItem(STORED, value)
    const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })
    if (value === 'start') this.#log.showTimes((at) => sinceWords(at - (this.start ?? at)))
    else if (value === 'clock') this.#log.showTimes((at) => clock.format(at))
    else this.#log.showTimes(null)
  }
}

/** `+0.012`, `+1:02.500`, in seconds, minutes and hours. */
export function sinceWords(ms: number): string {
  const s = Math.max(0, ms) / 1000
  if (s < 60) return `+${s.toFixed(3)}`
  const [hours, minutes] = [Math.floor(s / 3600), Math.floor(s / 60) % 60]
  const rest = (s % 60).toFixed(3).padStart(6, '0')
  return hours === 0 ? `+${minutes}:${rest}` : `+${hours}:${`${minutes}`.padStart(2, '0')}:${rest}`
}
