/**
 * A run's steps, kept in bounded memory: the first half and the latest half of the limit. Any number of readers, each at its own
 * cursor; one that falls behind what is kept is told how many characters it missed. Readers never slow the writer.
 */
import type { RunStep } from '../run/run.ts'

/** Characters of text that a log keeps. */
const KEPT_CHARS = 1024 * 1024

interface Entry {
  step: RunStep
  /** Characters of text before this entry, and after it. */
  from: number
  to: number
}

/** What a reader gets: a step, or the number of characters that it can no longer have. */
export type LogItem = RunStep | { type: 'missed'; chars: number }

export class RunLog {
  readonly #limit: number
  readonly #head: Entry[] = []
  #tail: Entry[] = []
  #firstTail = 0
  #chars = 0
  #tailChars = 0
  #count = 0
  #ended = false
  #wake: (() => void)[] = []

  constructor(limit = KEPT_CHARS) {
    this.#limit = limit
  }

  add(step: RunStep): void {
    const size = 'text' in step ? step.text.length : 0
    const entry = { step, from: this.#chars, to: this.#chars + size }
    this.#chars += size
    this.#count++
    if (this.#tail.length === 0 && entry.to <= this.#limit / 2) {
      this.#head.push(entry)
    } else {
      if (this.#tail.length === 0) this.#firstTail = this.#head.length
      this.#tail.push(entry)
      this.#tailChars += size
      this.#dropOld()
    }
    this.#notify()
  }

  end(): void {
    this.#ended = true
    this.#notify()
  }

  /** Every step from the first, then live, until the log has ended. */
  async *read(): AsyncGenerator<LogItem> {
    let next = 0
    let seen = 0
    for (;;) {
      while (next < this.#count) {
        if (next >= this.#head.length && next < this.#firstTail) next = this.#firstTail
        const entry = next < this.#head.length ? this.#head[next] : this.#tail[next - this.#firstTail]
        if (entry === undefined) break
        if (entry.from > seen) yield { type: 'missed', chars: entry.from - seen }
        seen = entry.to
        next++
        yield entry.step
      }
      if (this.#ended && next >= this.#count) return
      if (next >= this.#count) await new Promise<void>((resolve) => this.#wake.push(resolve))
    }
  }

  /** Drops the oldest entries of the tail in strides, so that a flood of small entries costs no more than one large one. */
  #dropOld(): void {
    if (this.#tailChars <= this.#limit) return
    let drop = 0
    while (this.#tailChars > this.#limit / 2) {
      const entry = this.#tail[drop]
      if (entry === undefined) break
      this.#tailChars -= entry.to - entry.from
      drop++
    }
    this.#tail = this.#tail.slice(drop)
    this.#firstTail += drop
  }

  #notify(): void {
    const waiting = this.#wake
    this.#wake = []
    for (const wake of waiting) wake()
  }
}
