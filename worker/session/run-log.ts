/**
 * A run's steps, kept in bounded memory: the first half and the latest half of the limit. Any number of readers, each at its own
 * cursor; one that falls behind what is kept is told how many characters it missed. Readers never slow the writer.
 */
import type { RunStep } from '../run/run.ts'
import { BEGINNING, type EventId, follows, idAfter, isAfter } from './event-id.ts'

/** Characters that a log keeps, in memory and in the database. */
export const KEPT_CHARS = 1024 * 1024
/** What a step costs beside its text: a flood of tiny steps is bounded as well. */
const STEP_CHARS = 100

interface Entry {
  id: EventId
  step: RunStep
  /** Characters of text before this entry, and after it. */
  from: number
  to: number
}

/** What a reader gets: a step, or the number of characters that it can no longer have. */
export type LogItem = RunStep | { type: 'missed'; chars: number }

/** `id`: of the step; of `missed`, of the last step before the gap. */
export interface NumberedItem {
  id: EventId
  item: LogItem
}

export class RunLog {
  readonly #limit: number
  readonly #head: Entry[] = []
  #tail: Entry[] = []
  #firstTail = 0
  #chars = 0
  #headSize = 0
  #tailSize = 0
  #last = BEGINNING
  #ended = false
  #wake: (() => void)[] = []

  constructor(limit = KEPT_CHARS) {
    this.#limit = limit
  }

  /** The id of the newest step. */
  get last(): EventId {
    return this.#last
  }

  add(step: RunStep): void {
    const chars = 'text' in step ? step.text.length : 0
    this.#last = idAfter(this.#last, step)
    const entry = { id: this.#last, step, from: this.#chars, to: this.#chars + chars }
    this.#chars += chars
    if (this.#tail.length === 0 && this.#headSize + sizeOf(entry) <= this.#limit / 2) {
      this.#head.push(entry)
      this.#headSize += sizeOf(entry)
      this.#firstTail = this.#head.length
    } else {
      this.#tail.push(entry)
      this.#tailSize += sizeOf(entry)
      this.#dropOld()
    }
    this.#notify()
  }

  end(): void {
    this.#ended = true
    this.#notify()
  }

  /** Every step after `after`, then live, until the log has ended. */
  async *read(after: EventId = BEGINNING): AsyncGenerator<NumberedItem> {
    const cursor = this.#cursor(after)
    for (;;) {
      yield* this.#rest(cursor)
      if (this.#ended && cursor.next >= this.#count) return
      if (cursor.next >= this.#count) await new Promise<void>((resolve) => this.#wake.push(resolve))
    }
  }

  /** What is kept at this moment. */
  kept(): NumberedItem[] {
    return [...this.#rest(this.#cursor(BEGINNING))]
  }

  get #count(): number {
    return this.#firstTail + this.#tail.length
  }

  #at(index: number): Entry | undefined {
    return index < this.#head.length ? this.#head[index] : this.#tail[index - this.#firstTail]
  }

  /** Where the reading after `after` goes on. */
  #cursor(after: EventId): Cursor {
    let next = 0
    let seen = 0
    for (;;) {
      if (this.#inGap(next)) {
        const first = this.#tail[0]
        // Between the head and what is left of the tail: only its direct follower continues it without a gap.
        if (first === undefined || (isAfter(first.id, after) && !follows(first.id, after))) break
        next = this.#firstTail
        seen = first.from
      }
      const entry = this.#at(next)
      if (entry === undefined || isAfter(entry.id, after)) break
      seen = entry.to
      next++
    }
    return { next, seen, id: after }
  }

  *#rest(cursor: Cursor): Generator<NumberedItem> {
    while (cursor.next < this.#count) {
      if (this.#inGap(cursor.next)) {
        const chars = (this.#tail[0]?.from ?? this.#chars) - cursor.seen
        cursor.next = this.#firstTail
        cursor.seen += chars
        yield { id: cursor.id, item: { type: 'missed', chars } }
        continue // the reader may have taken its time: the gap may have grown
      }
      const entry = this.#at(cursor.next)
      if (entry === undefined) return
      cursor.seen = entry.to
      cursor.id = entry.id
      cursor.next++
      yield { id: entry.id, item: entry.step }
    }
  }

  #inGap(index: number): boolean {
    return index >= this.#head.length && index < this.#firstTail
  }

  /** Drops the oldest entries of the tail in strides, so that a flood of small entries costs no more than one large one. */
  #dropOld(): void {
    if (this.#tailSize <= this.#limit) return
    let drop = 0
    while (this.#tailSize > this.#limit / 2 && drop < this.#tail.length - 1) {
      const entry = this.#tail[drop]
      if (entry === undefined) break
      this.#tailSize -= sizeOf(entry)
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

interface Cursor {
  next: number
  /** Characters before it. */
  seen: number
  id: EventId
}

function sizeOf({ from, to }: Entry): number {
  return to - from + STEP_CHARS
}
