/** Processor and memory of a program over its time, as two charts. */
import { byteWords } from '../../text/byte-words.ts'
import { duration } from '../data/run-words.ts'
import type { End } from './steps.ts'

/** `ms`: since the start; `cpu_ms`: of all processes until then; `memory_bytes`: the most since the sample before. */
export interface Sample {
  ms: number
  cpu_ms: number
  memory_bytes: number
  processes: number
}

interface Point {
  ms: number
  value: number
}

/** Sizes of the drawing; the page stretches it. */
const [WIDTH, HEIGHT] = [600, 60]

export class UseCharts {
  readonly #place: HTMLElement
  #samples: Sample[] = []
  #charts: Chart[] = []

  constructor(place: HTMLElement) {
    this.#place = place
  }

  /** A program begins: what is shown is its own. */
  begin(): void {
    this.#samples = []
    this.#charts = []
    this.#place.replaceChildren()
  }

  add(samples: Sample[]): void {
    this.#samples.push(...samples)
    this.#draw(this.#samples.at(-1)?.ms ?? 0)
  }

  ended(usage: End['usage']): void {
    if (this.#samples.length > 0 && usage != null) this.#draw(usage.wall_ms, usage)
  }

  #draw(ms: number, whole: NonNullable<End['usage']> | null = null): void {
    const [processor, memory] = this.#shown()
    const end = whole === null ? [] : [{ ms: whole.wall_ms, cpu_ms: whole.cpu_ms }]
    const cores = coresOf([...this.#samples, ...end])
    const most = Math.max(...cores.map(({ value }) => value))
    const { ms: took, cpu_ms } = end[0] ?? this.#samples.at(-1) ?? { ms: 1, cpu_ms: 0 }
    const average = cpu_ms / took
    // A core stands at the top at least: a program that waits shows an empty chart.
    processor?.draw(cores, ms, Math.max(1, most), `${percent(average)} of a core on average, ${percent(most)} at most`)
    const sizes = this.#samples.map((sample) => ({ ms: sample.ms, value: sample.memory_bytes }))
    const mostBytes = Math.max(whole?.max_rss_bytes ?? 0, ...sizes.map(({ value }) => value))
    memory?.draw(sizes, ms, mostBytes, `${byteWords(mostBytes)} at most`)
  }

  /** The charts, put on the page with the first samples: a short program has none. */
  #shown(): Chart[] {
    if (this.#charts.length === 0) {
      this.#charts = [new Chart('Processor', percent), new Chart('Memory', byteWords)]
      const title = document.createElement('h2')
      title.textContent = 'Resource use'
      this.#place.replaceChildren(title, ...this.#charts.map(({ element }) => element))
    }
    return this.#charts
  }
}

class Chart {
  readonly element = document.createElement('figure')
  readonly #name: string
  readonly #words: (value: number) => string
  readonly #said = document.createElement('span')
  readonly #here = document.createElement('span')
  readonly #end = document.createElement('span')
  readonly #drawing = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img' })
  readonly #area = svg('path', { class: 'area' })
  readonly #line = svg('path', { class: 'line' })
  #points: Point[] = []
  #ms = 0

  constructor(name: string, words: (value: number) => string) {
    this.#name = name
    this.#words = words
    const caption = document.createElement('figcaption')
    const strong = document.createElement('strong')
    strong.textContent = name
    this.#here.className = 'here'
    caption.append(strong, ' ', this.#said, ' ', this.#here)
    const axis = document.createElement('p')
    axis.append(spanOf('0 s'), this.#end)
    this.#drawing.append(this.#area, this.#line)
    this.element.append(caption, this.#drawing, axis)
    this.#drawing.addEventListener('pointermove', (event) => this.#tell(event))
    this.#drawing.addEventListener('pointerleave', () => (this.#here.textContent = ''))
  }

  /** `ms`: the time to the right end; `most`: the value at the top. */
  draw(points: Point[], ms: number, most: number, said: string): void {
    this.#points = points
    this.#ms = ms
    const x = (at: number) => ((WIDTH * at) / ms).toFixed(1)
    const y = (value: number) => (HEIGHT - 1 - ((HEIGHT - 2) * value) / Math.max(most, Number.MIN_VALUE)).toFixed(1)
    // A value is that of the time since the one before.
    const steps = points.map(({ ms: to, value }) => `V${y(value)}H${x(to)}`).join('')
    const first = points[0]?.value ?? 0
    this.#line.setAttribute('d', `M0,${y(first)}${steps}H${WIDTH}`)
    this.#area.setAttribute('d', `M0,${HEIGHT}V${y(first)}${steps}H${WIDTH}V${HEIGHT}Z`)
    this.#said.textContent = said
    this.#end.textContent = duration(ms)
    this.#drawing.setAttribute('aria-label', `${this.#name} over ${duration(ms)}: ${said}`)
  }

  /** Says what stands under the pointer. */
  #tell({ clientX }: PointerEvent): void {
    const { left, width } = this.#drawing.getBoundingClientRect()
    const at = ((clientX - left) / width) * this.#ms
    const point = this.#points.find(({ ms }) => ms >= at) ?? this.#points.at(-1)
    if (point !== undefined) this.#here.textContent = `${this.#words(point.value)} at ${duration(at)}`
  }
}

/** Cores that were busy between each sample and the one before. */
function coresOf(samples: readonly Pick<Sample, 'ms' | 'cpu_ms'>[]): Point[] {
  return samples.map(({ ms, cpu_ms }, index) => {
    const before = samples[index - 1] ?? { ms: 0, cpu_ms: 0 }
    return { ms, value: Math.max(0, cpu_ms - before.cpu_ms) / Math.max(1, ms - before.ms) }
  })
}

function percent(cores: number): string {
  return `${Math.round(100 * cores)} %`
}

function spanOf(text: string): HTMLElement {
  const span = document.createElement('span')
  span.textContent = text
  return span
}

function svg<Name extends 'svg' | 'path'>(name: Name, attributes: Record<string, string>): SVGElementTagNameMap[Name] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name)
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value)
  return element
}
