/** Pictures that a program prints as base64: no model sees anything in them, so a few words replace them. */

/** Beginning of a picture's data URI, or of the base64 of a PNG, JPEG or GIF. */
const BEGIN = /data:image\/[a-z0-9.+-]{1,30};base64,|(?<![A-Za-z0-9+/])(?:iVBORw0KGgo|\/9j\/4|R0lGOD[dl])/g
const NOT_BASE64 = /[^A-Za-z0-9+/=_-]/g
/** Longest base64 that stays, such as icons in a page's source. */
const SHORT_CHARS = 1_000

/** Takes one stream of a run's output, in pieces of any size. A beginning that is cut in two is not noticed. */
export class PrintedPictures {
  /** The beginning of the picture that is being printed; null between pictures. */
  #begun: string | null = null
  #chars = 0
  #found = 0

  /** Number of replaced pictures, with the one that is being printed. */
  get count(): number {
    return this.#found + (this.#isLong ? 1 : 0)
  }

  /** The text that can be shown of all that was added; `pending` is the rest. */
  add(text: string): string {
    let shown = ''
    for (let at = 0; at < text.length;) {
      const inside = this.#begun !== null
      const end = indexOf(inside ? NOT_BASE64 : BEGIN, text, at)
      if (inside) {
        this.#take(text.slice(at, end))
        if (end < text.length) shown += this.end()
      } else {
        shown += text.slice(at, end)
        if (end < text.length) this.#begin(text, end)
      }
      at = inside ? end : end + (this.#begun?.length ?? 0)
    }
    return shown
  }

  /** Text in place of a picture that has not ended. */
  get pending(): string {
    return this.#isLong
      ? `[a picture as base64, ${this.#chars.toLocaleString('en-US')} characters]`
      : (this.#begun ?? '')
  }

  /** Text in place of a picture that does not go on. */
  end(): string {
    const { pending, count } = this
    this.#found = count
    this.#begun = null
    this.#chars = 0
    return pending
  }

  get #isLong(): boolean {
    return this.#begun !== null && this.#chars > SHORT_CHARS
  }

  #begin(text: string, at: number): void {
    BEGIN.lastIndex = at
    const [begun = ''] = BEGIN.exec(text) ?? []
    this.#begun = begun
    this.#chars = begun.length
  }

  #take(base64: string): void {
    this.#chars += base64.length
    if (!this.#isLong) this.#begun += base64
  }
}

function indexOf(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from
  return pattern.exec(text)?.index ?? text.length
}
