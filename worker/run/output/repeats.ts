/** Runs of equal lines as one line with their number, so that a warning in a loop does not push out other output. */

/** Least lines of a run that is shortened, and least characters that this must save. */
const LEAST_LINES = 8
const LEAST_SAVED = 30

export class Repeats {
  readonly #emit: (text: string) => void
  #line = ''
  #count = 0

  constructor(emit: (text: string) => void) {
    this.#emit = emit
  }

  /** A line without its line break. */
  addLine(line: string): void {
    if (this.#count > 0 && line === this.#line) {
      this.#count++
      return
    }
    this.flush()
    this.#line = line
    this.#count = 1
  }

  /** The last part of a line, or of one that is too long to be compared. */
  addPart(text: string): void {
    this.flush()
    this.#emit(text)
  }

  flush(): void {
    const [line, count] = [this.#line, this.#count]
    this.#count = 0
    if (count < LEAST_LINES || (count - 1) * (line.length + 1) < LEAST_SAVED) this.#emit(`${line}\n`.repeat(count))
    else this.#emit(line === '' ? `[${count} empty lines]\n` : `${line} [× ${count}]\n`)
  }

  /** A copy with another receiver. */
  copy(emit: (text: string) => void): Repeats {
    const copy = new Repeats(emit)
    copy.#line = this.#line
    copy.#count = this.#count
    return copy
  }
}
