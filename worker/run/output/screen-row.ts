/** One row of a screen: text until something is written over it, then cells. */

/** Columns that a cursor may move to beyond the text. */
const COLUMNS = 200

export class Row<Stream> {
  readonly stream: Stream
  /** Set when an earlier part of this row has been handed on. */
  readonly isRest: boolean
  /** Set when a line break follows. */
  ends = false
  #text = ''
  #cells: string[] | null = null

  constructor(stream: Stream, isRest = false) {
    this.stream = stream
    this.isRest = isRest
  }

  get length(): number {
    return this.#cells?.length ?? this.#text.length
  }

  /** The farthest column that a cursor can be moved to. */
  get lastColumn(): number {
    return Math.max(this.length, COLUMNS)
  }

  write(text: string, column: number): void {
    if (this.#cells === null && column === this.#text.length) {
      this.#text += text
      return
    }
    const cells = this.#asCells()
    while (cells.length < column) cells.push(' ')
    for (let i = 0; i < text.length; i++) cells[column + i] = text.charAt(i)
  }

  eraseFrom(column: number): void {
    if (column >= this.length) return
    this.#asCells().length = column
  }

  /** The row's text without blanks at the end that were written to erase. A half-overwritten character is replaced. */
  toString(): string {
    if (this.#cells === null) return this.#text
    let end = this.#cells.length
    while (end > 0 && this.#cells[end - 1] === ' ') end--
    return this.#cells.slice(0, end).join('').toWellFormed()
  }

  /** Makes the cells, once: then writing costs as much as the text, however long the row is. */
  #asCells(): string[] {
    this.#cells ??= this.#text.split('')
    return this.#cells
  }
}
