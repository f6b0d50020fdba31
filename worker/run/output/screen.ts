/**
 * Output as a terminal shows it: carriage return, backspace, erasing and moving the cursor up have their effect, so only the last state of
 * a progress bar is left; titles and other controls are dropped, and colours too, unless somebody reads them. Memory is bounded: a row that has scrolled far enough up, or has
 * become very long, is final and handed on. Several streams may share a screen; each has a cursor and rows of its own, so none writes into
 * another's line.
 */
import { indexOf, startOfLast } from './places.ts'
import { Row, type StyleRun } from './screen-row.ts'

/** Rows that a cursor can come back to, as on a tall terminal. */
const LIVE_ROWS = 60
/** Characters of a row that is held back. */
const ROW_CHARS = 16 * 1024
/** Characters of an escape sequence's parameters; a sequence with more is none. */
const PARAMETER_CHARS = 64

/**
 * A final part. `whole`: a line from its beginning to its end; `ends`: a line break follows; `isRest`: an earlier part of its line was handed
 * on; `at`: the time that came with its first text; `styles`: from left to right, none where all is plain.
 */
export interface Piece<Stream> {
  stream: Stream
  text: string
  ends: boolean
  whole: boolean
  isRest?: boolean
  at?: number | undefined
  styles?: StyleRun[] | undefined
}

/** The style after a terminal's "select graphic rendition" with these parameters. A plain style is an empty text. */
export type Restyle = (style: string, parameters: string) => string

type ReaderState = 'text' | 'escape' | 'parameters' | 'string' | 'skip'

interface Cursor<Stream> {
  stream: Stream
  /** The cursor's row; null below the last one: the next text makes a new row. */
  row: Row<Stream> | null
  column: number
  style: string
  state: ReaderState
  parameters: string
}

/** Controls but tabs and line breaks. The pattern names all other characters, as a search for `\p{Cc}` takes several times as long. */
const CONTROL = /[^\t\n -~\u00a0-\uffff]/g
/** End of a terminal's string (title, link, picture): BEL or ESC \; any other control means that it was none. */
const END_OF_STRING = /[^ -~\u00a0-\uffff]/g

export class Screen<Stream> {
  readonly #emit: (piece: Piece<Stream>) => void
  readonly #restyle: Restyle | null
  readonly #cursors = new Map<Stream, Cursor<Stream>>()
  #rows: Row<Stream>[] = []
  #at: number | undefined

  /** `restyle`: reads colours; without it there are none. */
  constructor(emit: (piece: Piece<Stream>) => void, restyle: Restyle | null = null) {
    this.#emit = emit
    this.#restyle = restyle
  }

  /** `at`: time of this text, in any unit. */
  add(text: string, stream: Stream, at?: number): void {
    this.#at = at
    const cursor = this.#cursorOf(stream)
    for (let at = 0; at < text.length;) {
      switch (cursor.state) {
        case 'text': {
          const next = indexOf(CONTROL, text, at)
          if (next > at) this.#lines(cursor, text.slice(at, next))
          if (next < text.length) this.#control(cursor, text.charAt(next))
          at = next + 1
          break
        }
        case 'escape':
          at += this.#escape(cursor, text.charAt(at)) ? 1 : 0
          break
        case 'parameters':
          at += this.#parameter(cursor, text.charAt(at)) ? 1 : 0
          break
        case 'string':
          at = indexOf(END_OF_STRING, text, at)
          if (at < text.length) cursor.state = 'text'
          break
        case 'skip':
          cursor.state = 'text'
          at++
      }
    }
  }

  /** The parts that are not final yet, as they would be handed on. */
  live(): Piece<Stream>[] {
    return this.#rows.map(pieceOf)
  }

  /** Makes everything final. */
  flush(): void {
    while (this.#rows.length > 0) this.#scroll()
  }

  #cursorOf(stream: Stream): Cursor<Stream> {
    const known = this.#cursors.get(stream)
    if (known !== undefined) return known
    const cursor: Cursor<Stream> = { stream, row: null, column: 0, style: '', state: 'text', parameters: '' }
    this.#cursors.set(stream, cursor)
    return cursor
  }

  /** Writes lines without any other control. Lines that have scrolled away when the last one is written need no row. */
  #lines(cursor: Cursor<Stream>, text: string): void {
    let at = 0
    const line = () => {
      const end = text.indexOf('\n', at)
      const from = at
      at = end < 0 ? text.length : end + 1
      return { text: text.slice(from, end < 0 ? text.length : end), ends: end >= 0 }
    }
    const write = () => {
      const { text, ends } = line()
      if (text !== '') this.#write(cursor, text)
      if (ends) this.#break(cursor)
    }
    const isLast = cursor.row === null || cursor.row === this.#rows.at(-1)
    const final = isLast ? startOfLast(LIVE_ROWS, text) : 0
    if (final > 0) {
      write()
      this.flush()
      while (at < final) {
        const end = text.indexOf('\n', at)
        const styles = cursor.style === '' ? undefined : [{ end: end - at, style: cursor.style }]
        const whole = end - at <= ROW_CHARS
        this.#emit({ stream: cursor.stream, text: text.slice(at, end), ends: true, whole, at: this.#at, styles })
        at = end + 1
      }
    }
    while (at < text.length) write()
  }

  #break(cursor: Cursor<Stream>): void {
    this.#rowOf(cursor).ends = true
    this.#move(cursor, 1)
    cursor.column = 0
  }

  #write(cursor: Cursor<Stream>, text: string): void {
    const row = this.#rowOf(cursor)
    row.write(text, cursor.column, cursor.style)
    cursor.column += text.length
    if (row.length <= ROW_CHARS) return
    // A line that is longer than any screen is wide: its text so far can no longer be overwritten.
    while (this.#rows[0] !== row) this.#scroll()
    this.#rows.shift()
    this.#emit({ ...pieceOf(row), ends: false, whole: false })
    const rest = new Row(cursor.stream, row.at, true)
    rest.ends = row.ends
    this.#rows.unshift(rest)
    cursor.row = rest
    cursor.column = 0
  }

  #rowOf(cursor: Cursor<Stream>): Row<Stream> {
    if (cursor.row !== null) return cursor.row
    const row = new Row(cursor.stream, this.#at)
    cursor.row = row
    cursor.column = 0
    this.#rows.push(row)
    if (this.#rows.length > LIVE_ROWS) this.#scroll()
    return row
  }

  /** Hands on the uppermost row: it is final. */
  #scroll(): void {
    const row = this.#rows.shift()
    if (row === undefined) return
    for (const cursor of this.#cursors.values()) {
      if (cursor.row === row) cursor.row = null
    }
    this.#emit(pieceOf(row))
  }

  #control(cursor: Cursor<Stream>, char: string): void {
    switch (char) {
      case '\r':
        cursor.column = 0
        return
      case '\b':
        cursor.column = Math.max(0, cursor.column - 1)
        return
      case '\u001b':
        cursor.state = 'escape'
    }
  }

  /** Takes the character after ESC. Returns whether it belongs to the sequence. */
  #escape(cursor: Cursor<Stream>, char: string): boolean {
    cursor.state = 'text'
    if (char === '[') {
      cursor.state = 'parameters'
      cursor.parameters = ''
    } else if (']P_^X'.includes(char)) cursor.state = 'string'
    else if ('()*+#% '.includes(char)) cursor.state = 'skip'
    else if (char === 'M') this.#move(cursor, -1)
    return char >= ' '
  }

  #parameter(cursor: Cursor<Stream>, char: string): boolean {
    if (char >= ' ' && char <= '?' && cursor.parameters.length < PARAMETER_CHARS) {
      cursor.parameters += char
      return true
    }
    cursor.state = 'text'
    if (char < '@' || char > '~') return false
    this.#command(cursor, char)
    return true
  }

  #command(cursor: Cursor<Stream>, command: string): void {
    const [first = 0, second = 0] = cursor.parameters.split(';').map((text) => Math.min(Number(text) || 0, 10_000))
    const count = Math.max(1, first)
    switch (command) {
      case 'A':
        return this.#move(cursor, -count)
      case 'B':
        return this.#move(cursor, count)
      case 'C':
        return this.#goTo(cursor, cursor.column + count)
      case 'D':
        return this.#goTo(cursor, cursor.column - count)
      case 'E':
      case 'F':
        this.#move(cursor, command === 'E' ? count : -count)
        return this.#goTo(cursor, 0)
      case 'G':
        return this.#goTo(cursor, count - 1)
      case 'H':
      case 'f':
        this.#move(cursor, -LIVE_ROWS)
        this.#move(cursor, count - 1)
        return this.#goTo(cursor, Math.max(1, second) - 1)
      case 'm':
        cursor.style = this.#restyle?.(cursor.style, cursor.parameters) ?? ''
        return
      case 'J':
        return this.#eraseBelow(cursor, first)
      case 'K':
        // Erasing from the beginning to the cursor (1) is left out: later text overwrites it.
        if (first !== 1) cursor.row?.eraseFrom(first === 2 ? 0 : cursor.column)
    }
  }

  #goTo(cursor: Cursor<Stream>, column: number): void {
    cursor.column = Math.max(0, Math.min(column, cursor.row?.lastColumn ?? 0))
  }

  /** Moves to another row of the same stream; below the last one a new row begins. */
  #move(cursor: Cursor<Stream>, by: number): void {
    if (by > 0 && (cursor.row === null || cursor.row === this.#rows.at(-1))) {
      cursor.row = null
      return
    }
    const isAlone = this.#cursors.size === 1
    const rows = isAlone ? this.#rows : this.#rows.filter(({ stream }) => stream === cursor.stream)
    const at = cursor.row === null ? rows.length : rows.indexOf(cursor.row)
    cursor.row = rows[Math.max(0, at + by)] ?? null
  }

  /** A screen that is cleared (2, 3) begins anew below the earlier rows: these may be all there is. */
  #eraseBelow(cursor: Cursor<Stream>, what: number): void {
    if (what > 1) {
      for (const row of this.#rows) row.ends = true
      this.flush()
    } else if (what === 0 && cursor.row !== null) {
      const from = this.#rows.indexOf(cursor.row)
      this.#rows = this.#rows.filter(({ stream }, index) => index <= from || stream !== cursor.stream)
      cursor.row.eraseFrom(cursor.column)
    }
  }
}

function pieceOf<Stream>(row: Row<Stream>): Piece<Stream> {
  const { stream, ends, isRest, at } = row
  const text = row.toString()
  return { stream, text, ends, whole: ends && !isRest, isRest, at, styles: row.styles(text.length) }
}
