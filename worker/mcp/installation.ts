/** An installation that goes on, read or not. The output waits for its one reader, in bounded memory. */
import { INSTALLER_CHARS } from '../run/packages/installer-output.ts'
import type { InstallEvent } from '../run/contract/protocol.ts'
import { Bell } from '../waiting.ts'

export type InstallEnd = Extract<InstallEvent, { type: 'done' }>
type Output = { type: 'install'; text: string } | { type: 'missed'; chars: number }

/** Most characters of output that wait; the rest is counted and dropped. */
export const MAX_WAITING_CHARS = 256 * 1024

export class Installation {
  /** The last event; null when the stream broke off. */
  readonly outcome: Promise<InstallEnd | null>
  /** The end of the installer's output so far. */
  said = ''
  readonly #waiting: Output[] = []
  #waitingChars = 0
  #ended = false
  readonly #changed = new Bell()

  constructor(events: AsyncGenerator<InstallEvent>) {
    this.outcome = this.#drain(events).finally(() => {
      this.#ended = true
      this.#changed.ring()
    })
    // Reading ends with the installation in any case; a caller that awaits the outcome gets the failure.
    this.outcome.catch(() => {})
  }

  async *read(): AsyncGenerator<Output> {
    while (!this.#ended || this.#waiting.length > 0) {
      const output = this.#waiting.shift()
      if (output === undefined) await this.#changed.next()
      else {
        if (output.type === 'install') this.#waitingChars -= output.text.length
        yield output
      }
    }
  }

  async #drain(events: AsyncGenerator<InstallEvent>): Promise<InstallEnd | null> {
    for await (const event of events) {
      if (event.type === 'done') return event
      if (event.type === 'output') {
        this.said = (this.said + event.text).slice(-INSTALLER_CHARS)
        this.#add(event.text)
        this.#changed.ring()
      }
    }
    return null
  }

  #add(text: string): void {
    const last = this.#waiting.at(-1)
    if (this.#waitingChars + text.length <= MAX_WAITING_CHARS) {
      this.#waiting.push({ type: 'install', text })
      this.#waitingChars += text.length
    } else if (last?.type === 'missed') last.chars += text.length
    else this.#waiting.push({ type: 'missed', chars: text.length })
  }
}
