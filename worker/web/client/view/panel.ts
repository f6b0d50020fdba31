/** What stands in the view. Everything of a program is set as text, never as markup. */
import type { RunPaths } from '../../../run/contract/protocol.ts'
import { byteWords } from '../../../text/byte-words.ts'
import { Log } from '../log/log.ts'
import type { Source } from '../log/log-line.ts'
import type { Status } from '../../data/run-data.ts'
import { duration, STATUS_WORDS } from '../../data/run-words.ts'
import type { Outcome } from './results.ts'

/** Clipped lines of the output are shown by a button: a chat scrolls, not a part of it. */
const CLIPPED = 'clipped'

export class Panel {
  readonly #state = part('state')
  readonly #program = part('program')
  readonly #log = part('log')
  readonly #all = part('all')
  #output: Log | null = null
  #paths: RunPaths | null = null
  #draft: string | null = null
  #began = 0
  #status: Status | null = null
  #clock: ReturnType<typeof setInterval> | undefined
  /** Nothing of a program's output is shown. */
  isEmpty = true

  constructor() {
    this.#all.addEventListener('click', () => this.expand(this.#log.classList.contains(CLIPPED)))
    new MutationObserver(() => this.#offerAll()).observe(this.#log, { childList: true, subtree: true })
  }

  /** The program so far, as the model writes it, or whole. */
  program(code: string, description: string, isWhole: boolean): void {
    part('what').textContent = description
    if (!isWhole) this.says('✎ writing the program')
    const isDrawing = this.#draft !== null
    this.#draft = code
    const draw = () => {
      const [summary, text] = [...this.#program.children]
      const lines = this.#draft?.trimEnd().split('\n').length ?? 0
      this.#program.hidden = this.#draft === ''
      this.#program.toggleAttribute('open', !isWhole)
      text!.classList.toggle(CLIPPED, !isWhole)
      summary!.textContent = `Program, ${lines} ${lines === 1 ? 'line' : 'lines'}`
      text!.textContent = this.#draft
      text!.scrollTop = text!.scrollHeight
      this.#draft = null
    }
    // A host may tell each token.
    if (isWhole) draw()
    else if (!isDrawing) requestAnimationFrame(() => this.#draft !== null && draw())
  }

  /** How the run stands. `took`: milliseconds, of one that has ended. */
  stands(status: Status, took: number | null = null): void {
    if (status === this.#status && took === null) return
    this.#status = status
    clearInterval(this.#clock)
    const [sign, words] = STATUS_WORDS[status]
    this.#began ||= Date.now()
    this.#say(status, `${sign} ${words}`, took === null ? '' : duration(took))
    if (status !== 'running') return
    // Whole seconds, and none at first: the work of the host and of the sandbox is in them.
    const tick = () => (part('time').textContent = `${Math.round((Date.now() - this.#began) / 1000)} s`)
    this.#clock = setInterval(tick, 1000)
  }

  /** Something of ours, in place of a state of the run. */
  says(words: string): void {
    clearInterval(this.#clock)
    this.#status = null
    this.#say('', words)
  }

  #say(status: string, words: string, time = ''): void {
    this.#state.className = status
    // A screen reader tells the state when it changes; the time beside it is no part of that.
    if (this.#state.textContent !== words) this.#state.textContent = words
    part('time').textContent = time
  }

  /** The paths of the run whose output comes from here on. */
  set paths(paths: RunPaths) {
    this.#paths = paths
    if (this.#output !== null) this.#output.paths = paths
  }

  add(words: string, source: Source): void {
    this.isEmpty = false
    this.#shownLog().add(words, source)
  }

  /** Takes the output away. */
  renew(): void {
    this.#log.replaceChildren()
    this.#output = null
    this.isEmpty = true
  }

  note(words: string): void {
    this.#shownLog().note(words)
  }

  /** Nothing more comes. */
  end(): void {
    this.#shownLog().end()
  }

  /** An ended run, or what there is of one so far, without its output. */
  outcome({ status, took, error, hints, files, texts, pictures }: Outcome): void {
    if (status !== null) this.stands(status, took)
    part('problem').hidden = error === null && hints.length === 0
    part('problem').replaceChildren(
      ...(error === null
        ? []
        : [
            line('p', `${error.type}: ${error.message}${error.line === null ? '' : ` (line ${error.line})`}`),
            ...(error.frame === null ? [] : [line('pre', error.frame)]),
          ]),
      ...hints.map((hint) => line('p', hint)),
    )
    part('pictures').replaceChildren(...pictures.map(({ type, data }, index) => picture(type, data, index)))
    part('texts').replaceChildren(...texts.map(textOfFile))
    part('files').replaceChildren(
      ...files.map(({ path, change, bytes }) =>
        line('li', `${path} (${change}${bytes === null ? '' : `, ${byteWords(bytes)}`})`),
      ),
    )
  }

  /** Shows the output whole, or its end. */
  expand(isWhole: boolean): void {
    this.#log.classList.toggle(CLIPPED, !isWhole)
    this.#all.setAttribute('aria-expanded', String(isWhole))
    this.#all.textContent = isWhole ? 'Show the end' : 'Show all lines'
    this.#log.scrollTop = this.#log.scrollHeight
  }

  #shownLog(): Log {
    this.#log.hidden = false
    if (this.#output !== null) return this.#output
    this.#output = new Log(this.#log, null)
    if (this.#paths !== null) this.#output.paths = this.#paths
    return this.#output
  }

  #offerAll(): void {
    const isClipped = this.#log.classList.contains(CLIPPED)
    if (isClipped) this.#all.hidden = this.#log.scrollHeight <= this.#log.clientHeight + 1
  }
}

export function part(id: string): HTMLElement {
  return document.getElementById(id)!
}

function line(tag: string, words: string): HTMLElement {
  const element = document.createElement(tag)
  element.dir = 'auto'
  element.textContent = words
  return element
}

/** A file's text as models get it: its path, and the text between fences. */
function textOfFile(words: string): HTMLElement {
  const [head = '', opening = '', ...rest] = words.split('\n')
  const fence = /^`{3,}/.exec(opening)?.[0]
  if (!head.endsWith(':') || fence === undefined || rest.pop() !== fence) return line('pre', words)
  const element = document.createElement('details')
  element.append(line('summary', head.slice(0, -1)), line('pre', rest.join('\n')))
  return element
}

function picture(type: string, data: string, index: number): HTMLImageElement {
  const image = new Image()
  image.src = `data:${type};base64,${data}`
  image.alt = `Picture ${index + 1} of the run`
  return image
}
