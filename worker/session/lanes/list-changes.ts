/** Tells clients that the list of resources has changed: at once, and then once a second at most, as a client fetches it whole each time. */

const BETWEEN_MS = 1_000

export class ListChanges {
  readonly #tell: () => void
  readonly #wait: (ms: number) => Promise<void>
  /** Set when clients were told less than a second ago. */
  #isQuiet = false
  #isPending = false

  constructor({ tell, wait }: { tell: () => void; wait: (ms: number) => Promise<void> }) {
    this.#tell = tell
    this.#wait = wait
  }

  /** Notes a change of the list. Resolves when all clients have been told. */
  async add(): Promise<void> {
    this.#isPending = true
    if (this.#isQuiet) return
    this.#isQuiet = true
    while (this.#isPending) {
      this.#isPending = false
      this.#tell()
      await this.#wait(BETWEEN_MS)
    }
    this.#isQuiet = false
  }
}
