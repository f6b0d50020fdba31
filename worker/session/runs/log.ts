/**
 * A run's steps, kept in bounded memory: the first half and the latest half of the limit. It has any number of readers, each at its own
 * cursor; a reader that falls behind the kept steps learns how many characters it missed. Readers never slow the writer.
 */
import type { RunStep } from '../../run/contract/step.ts'
import { Bell } from '../../waiting.ts'
import { BEGINNING, type EventId, follows, idAfter, isAfter } from '../store/event-id.ts'
import { KEPT_CHARS, lineEnds, type NumberedItem } from '../store/run-logs.ts'

/** Size of a step beside its text: so a flood of tiny steps is bounded as well. */
const STEP_CHARS = 100

interface Entry {
  id: EventId
  step: RunStep
  /** Characters of text before this entry, and after it. */
  from: number
  to: number
  /** Printed lines that ended before it, and with it. */
  fromLine: number
  toLine: number
}

export class RunLog {
  readonly #limit: number
  readonly #now: () => number
  readonly #head: Entry[] = []
  #tail: Entry[] = []
  #firstTail = 0
  #chars = 0
  #lines = 0
  #headSize = 0
  #tailSize = 0
  #last = BEGINNING
  #ended = false
  readonly #changed = new Bell()

  constructor(limit = KEPT_CHARS, now = Date.now) {
    this.#limit = limit
    this.#now = now
  }

  /** The id of the newest step. */
  get last(): EventId {
    return this.#last
  }

  add(added: RunStep): void {
    const isOurs = added.type === 'status' || added.type === 'install'
    const step = isOurs ? { ...added, at: this.#now() } : added
    this.#last = idAfter(this.#last, step)
    const [from, fromLine] = [this.#chars, this.#lines]
    this.#chars += 'text' in step ? step.text.length : 0
    this.#lines += lineEnds(step)
    const entry = { id: this.#last, step, from, to: this.#chars, fromLine, toLine: this.#lines }
    if (this.#tail.length === 0 && this.#headSize + sizeOf(entry) <= this.#limit / 2) {
      this.#head.push(entry)
      this.#headSize += sizeOf(entry)
      this.#firstTail = this.#head.length
    } else {
      this.#tail.push(entry)
      this.#tailSize += sizeOf(entry)
      this.#dropOld()
    }
    this.#changed.ring()
  }

  end(): void {
    this.#ended = true
    this.#changed.ring()
  }

  /** Every step after `after`, then live, until the log has ended. */
  async *read(after: EventId = BEGINNING): AsyncGenerator<NumberedItem> {
    const cursor = { next: 0, seen: 0, seenLines: 0, id: after }
    for (;;) {
      yield* this.#rest(cursor)
      if (this.#ended && cursor.next >= this.#count) return
      if (cursor.next >= this.#count) await this.#changed.next()
    }
  }

  /** The kept steps after `after`; waits for one, but at most so many milliseconds. */
  async next(after: EventId, ms: number): Promise<NumberedItem[]> {
    if (!this.#ended && !isAfter(this.#last, after)) await this.#changed.nextWithin(ms)
    return [...this.#rest({ next: 0, seen: 0, seenLines: 0, id: after })]
  }

  /** The steps that are kept at this moment. */
  kept(): NumberedItem[] {
    return [...this.#rest({ next: 0, seen: 0, seenLines: 0, id: BEGINNING })]
  }

  get #count(): number {
    return this.#firstTail + this.#tail.length
  }

  #at(index: number): Entry | undefined {
    return index < this.#head.length ? this.#head[index] : this.#tail[index - this.#firstTail]
  }

  /** The kept steps from a cursor on. A gap is only told to a reader that has not come beyond it elsewhere. */
  *#rest(cursor: Cursor): Generator<NumberedItem> {
    while (cursor.next < this.#count) {
      const gap = this.#inGap(cursor.next)
      if (gap) cursor.next = this.#firstTail
      const entry = this.#at(cursor.next)
      if (entry === undefined) return
      const { id, step, from, to, fromLine, toLine } = entry
      if (gap) {
        const [chars, lines] = [from - cursor.seen, fromLine - cursor.seenLines]
        cursor.seen = from
        cursor.seenLines = fromLine
        if (!isAfter(id, cursor.id) || follows(id, cursor.id)) continue
        yield { id: cursor.id, item: { type: 'missed', chars, lines } }
        continue // the reader may have taken its time: the gap may have grown
      }
      cursor.seen = to
      cursor.seenLines = toLine
      cursor.next++
      if (!isAfter(id, cursor.id)) continue
      cursor.id = id
      yield { id, item: step }
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
}

interface Cursor {
  /** Index of the next entry. */
  next: number
  /** Characters before it, and ended lines. */
  seen: number
  seenLines: number
  /** The newest step that the reader has. */
  id: EventId
}

function sizeOf({ from, to }: Entry): number {
  return to - from + STEP_CHARS
}
