/** A text of bounded length that keeps its head (60 %) and its tail (40 %) and counts what it left out. */
export class TextWindow {
  readonly #headLimit: number
  readonly #tailLimit: number
  #head = ''
  #tail = ''
  /** Characters that are in neither part. */
  #leftOut = 0
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
      // From here on everything belongs to the tail: text from both sides of a hole must not join up.
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

  /** The whole text, or head, a line that says what is missing, and tail. */
  toString(): string {
    this.#trim()
    if (this.#leftOut === 0 && this.#skippedBytes === 0) return this.#head + this.#tail
    const missing = [
      ...(this.#leftOut > 0 ? [`${count(this.#leftOut)} characters`] : []),
      ...(this.#skippedBytes > 0 ? [`${count(this.#skippedBytes)} bytes`] : []),
    ]
    const before = this.#head === '' || this.#head.endsWith('\n') ? '' : '\n'
    return `${this.#head}${before}[… ${missing.join(' and ')} left out …]\n${this.#tail}`
  }

  #trim(): void {
    const over = this.#tail.length - this.#tailLimit
    if (over <= 0) return
    const cut = endOfCharacter(this.#tail, over)
    this.#leftOut += cut
    this.#tail = this.#tail.slice(cut)
  }
}

/** `index`, or one more when it would split a surrogate pair. */
function endOfCharacter(text: string, index: number): number {
  const code = text.charCodeAt(index - 1)
  return code >= 0xd800 && code <= 0xdbff ? index + 1 : index
}

function count(n: number): string {
  return n.toLocaleString('en-US')
}
