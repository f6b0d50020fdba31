/**
 * A text of bounded length. It keeps the head (60 %) and the tail (40 %), cut at line ends where lines are not too long for that, and says
 * what it left out.
 */
import { byteWords } from './byte-words.ts'

export class TextWindow {
  readonly #headLimit: number
  readonly #tailLimit: number
  #head = ''
  #tail = ''
  /** Characters in neither part, and line breaks among them. */
  #leftOut = 0
  #linesLeftOut = 0
  /** Bytes that the runner dropped before they became text. */
  #skippedBytes = 0

  /** `limit` in UTF-16 code units. */
  constructor(limit: number) {
    this.#headLimit = Math.floor(limit * 0.6)
    this.#tailLimit = limit - this.#headLimit
  }

  add(text: string, skippedBytes = 0): void {
    if (skippedBytes > 0) {
      this.#skippedBytes += skippedBytes
      // All later text belongs to the tail: text from both sides of a hole must not join up.
      this.#headFull = true
    }
    if (!this.#headFull) {
      const room = this.#headLimit - this.#head.length
      if (text.length <= room) {
        this.#head += text
        return
      }
      const cut = endOfCharacter(text, room)
      this.#head += text.slice(0, cut)
      this.#headFull = true
      text = text.slice(cut)
    }
    this.#tail += text
    // Trimmed in strides of the limit, so that many small texts cost no more than one large one.
    if (this.#tail.length > 2 * this.#tailLimit) this.#trim()
  }
  #headFull = false

  /** True when something is missing. */
  get isCut(): boolean {
    return this.#skippedBytes > 0 || this.#leftOut > 0 || this.#tail.length > this.#tailLimit
  }

  /** True when the head ends within a line. */
  get isCutInLine(): boolean {
    return this.isCut && !this.#shownHead().endsWith('\n')
  }

  /** Bytes that the runner dropped. */
  get skippedBytes(): number {
    return this.#skippedBytes
  }

  /** Lines of the head that are shown whole; the next line is not. */
  get wholeLines(): number {
    return lineBreaks(this.#shownHead())
  }

  /** The whole text, or head, a line that says what is missing, and tail. */
  toString(): string {
    if (!this.isCut) return this.#head + this.#tail
    this.#trim()
    const head = this.#shownHead()
    const tail = this.#shownTail()
    const between = this.#head.slice(head.length) + this.#tail.slice(0, this.#tail.length - tail.length)
    const lines = this.#linesLeftOut + lineBreaks(between)
    const before = head === '' || head.endsWith('\n') ? '' : '\n'
    return `${head}${before}[… ${this.#missing(lines, this.#leftOut + between.length)} left out …]\n${tail}`
  }

  copy(): TextWindow {
    const copy = new TextWindow(this.#headLimit + this.#tailLimit)
    copy.#head = this.#head
    copy.#tail = this.#tail
    copy.#headFull = this.#headFull
    copy.#leftOut = this.#leftOut
    copy.#linesLeftOut = this.#linesLeftOut
    copy.#skippedBytes = this.#skippedBytes
    return copy
  }

  /** The dropped part is known in bytes only: nobody has counted its lines. */
  #missing(lines: number, chars: number): string {
    const skipped = this.#skippedBytes > 0
    const size = skipped ? byteWords(this.#skippedBytes + chars) : `${count(chars)} characters`
    if (lines === 0) return size
    return `${skipped ? 'more than ' : ''}${count(lines)} ${lines === 1 ? 'line' : 'lines'}, ${size}`
  }

  #shownHead(): string {
    const end = this.#head.lastIndexOf('\n') + 1
    return this.isCut && end > this.#head.length / 2 ? this.#head.slice(0, end) : this.#head
  }

  /** An uncut tail begins where the runner began it. */
  #shownTail(): string {
    if (this.#leftOut === 0 && this.#skippedBytes > 0) return this.#tail
    const start = this.#tail.indexOf('\n') + 1
    return start > 0 && start < this.#tail.length / 2 ? this.#tail.slice(start) : this.#tail
  }

  #trim(): void {
    const over = this.#tail.length - this.#tailLimit
    if (over <= 0) return
    const cut = endOfCharacter(this.#tail, over)
    this.#leftOut += cut
    this.#linesLeftOut += lineBreaks(this.#tail.slice(0, cut))
    this.#tail = this.#tail.slice(cut)
  }
}

/** `index`, or one more when it would split a surrogate pair. */
function endOfCharacter(text: string, index: number): number {
  const code = text.charCodeAt(index - 1)
  return code >= 0xd800 && code <= 0xdbff ? index + 1 : index
}

function lineBreaks(text: string): number {
  let found = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) found++
  return found
}

function count(n: number): string {
  return n.toLocaleString('en-US')
}
