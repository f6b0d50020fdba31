/** One row of a screen: text until something is written over it, then cells. */

/** Columns that a cursor may move to beyond the text. */
const COLUMNS = 200

/** So much of a text, up to `end`, in one style. */
export interface StyleRun {
  end: number
  style: string
}

export class Row<Stream> {
  readonly stream: Stream
  readonly at: number | undefined
  /** Set when an earlier part of this row has been handed on. */
  readonly isRest: boolean
  /** Set when a line break follows. */
  ends = false
  #text = ''
  #cells: string[] | null = null
  /** Style of each column, once there is any. */
  #styles: string[] | null = null

  constructor(stream: Stream, at?: number, isRest = false) {
    this.stream = stream
    this.at = at
    this.isRest = isRest
  }

  get length(): number {
    return this.#cells?.length ?? this.#text.length
  }

  /** The farthest column that a cursor can be moved to. */
  get lastColumn(): number {
    return Math.max(this.length, COLUMNS)
  }

  write(text: string, column: number, style = ''): void {
    if (style !== '' || this.#styles !== null) this.#paint(column, text.length, style)
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
    if (this.#styles !== null) this.#styles.length = Math.min(this.#styles.length, column)
  }

  /** The row's text without blanks at the end that were written to erase. A half-overwritten character is replaced. */
  toString(): string {
    if (this.#cells === null) return this.#text
    let end = this.#cells.length
    while (end > 0 && this.#cells[end - 1] === ' ') end--
    return this.#cells.slice(0, end).join('').toWellFormed()
  }

  /** Styles of the row's text, which is so long; none where all is plain. */
  styles(length: number): StyleRun[] | undefined {
    if (this.#styles === null) return undefined
    const runs: StyleRun[] = []
    for (let column = 0; column < length; column++) {
      const style = this.#styles[column] ?? ''
      const last = runs.at(-1)
      if (last?.style === style) last.end = column + 1
      else runs.push({ end: column + 1, style })
    }
    return runs.some(({ style }) => style !== '') ? runs : undefined
  }

  #paint(column: number, length: number, style: string): void {
    const styles = (this.#styles ??= [])
    while (styles.length < column) styles.push('')
    for (let i = 0; i < length; i++) styles[column + i] = style
  }

  /** Makes the cells, once: then writing costs as much as the text, however long the row is. */
  #asCells(): string[] {
    this.#cells ??= this.#text.split('')
    return this.#cells
  }
}
