/** The steps before and around a program: starting the sandbox, installing, running; how long each took, and what the installer said. */
import type { Status } from '../data/run-data.ts'
import { duration, STATUS_WORDS } from '../data/run-words.ts'

/** What the end of a run says of its steps. */
export interface End {
  status?: Status
  usage?: { wall_ms: number; cpu_ms: number; max_rss_bytes: number } | null
  failed_installs?: { packages: string[] }[]
}

interface Step {
  item: HTMLElement
  sign: HTMLElement
  took: HTMLElement
  bar: HTMLElement
  words: string
  /** Milliseconds since 1970. */
  from: number
  to: number | null
  /** What the installer printed. */
  output: HTMLElement | null
}

const RUNNING = 'Running the program'

export class Steps {
  readonly #place: HTMLElement
  readonly #list = document.createElement('ol')
  #steps: Step[] = []

  constructor(place: HTMLElement) {
    this.#place = place
  }

  /** A step begins, and with it the one before ends. `at`: milliseconds since 1970. */
  begin(words: string, at: number): void {
    this.#endLast(at)
    const item = document.createElement('li')
    const [sign, text, took, bar] = ['span', 'span', 'span', 'span'].map((name) => document.createElement(name))
    if (sign === undefined || text === undefined || took === undefined || bar === undefined) return
    sign.textContent = '…'
    text.textContent = ` ${words.replace(/ …$/, '')} `
    took.className = 'facts'
    bar.className = 'bar'
    item.append(sign, text, took, bar)
    this.#list.append(item)
    this.#steps.push({ item, sign, took, bar, words, from: at, to: null, output: null })
    this.#show()
  }

  /** The program begins. */
  started(at: number): void {
    this.begin(RUNNING, at)
  }

  /** The installer prints. */
  printed(text: string): void {
    const step = this.#steps.at(-1)
    if (step === undefined) return
    if (step.output === null) {
      const details = document.createElement('details')
      const summary = document.createElement('summary')
      summary.textContent = 'What the installer said'
      step.output = document.createElement('pre')
      details.append(summary, step.output)
      step.item.append(details)
    }
    step.output.append(text)
  }

  ended({ status, usage, failed_installs = [] }: End): void {
    const last = this.#steps.at(-1)
    if (last === undefined) return
    if (last.to === null) this.#endLast(last.from + (last.words === RUNNING ? (usage?.wall_ms ?? 0) : 0))
    const failed = new Set(failed_installs.map(({ packages }) => `Installing ${packages.join(', ')} …`))
    for (const step of this.#steps) {
      const isEnd = step.words === RUNNING && step === last && status !== 'success'
      // Who stops a program has seen no failure.
      const isStopped = isEnd && status === 'cancelled'
      const hasFailed = failed.has(step.words) || (isEnd && !isStopped)
      step.sign.textContent = isStopped ? STATUS_WORDS.cancelled[0] : hasFailed ? '✗' : '✓'
      step.item.classList.toggle('failed', hasFailed)
      const details = step.item.querySelector('details')
      if (details !== null) details.open = hasFailed
    }
    this.#show()
  }

  #endLast(at: number): void {
    const last = this.#steps.at(-1)
    if (last === undefined || last.to !== null) return
    last.to = Math.max(at, last.from)
    last.sign.textContent = '✓'
    last.took.textContent = duration(last.to - last.from)
  }

  /** A program that had no step before it has none to show. */
  #show(): void {
    if (this.#steps.every(({ words }) => words === RUNNING)) return
    if (!this.#list.isConnected) {
      const title = document.createElement('h2')
      title.textContent = 'Steps'
      this.#place.replaceChildren(title, this.#list)
    }
    const [first] = this.#steps
    const end = Math.max(...this.#steps.map(({ from, to }) => to ?? from))
    if (first === undefined || end === first.from) return
    const share = (ms: number) => `${((100 * ms) / (end - first.from)).toFixed(2)}%`
    for (const { bar, from, to } of this.#steps) {
      bar.style.marginInlineStart = share(from - first.from)
      bar.style.inlineSize = share((to ?? end) - from)
    }
  }
}
