/** A call and what a model reads of its answer, as text that is the same at every run: times, sizes of memory, ids and folders are names. */
export interface ToolCall {
  tool: string
  /** `<run 1>` and `<learning 1>` in texts stand for the ids that came in earlier answers, in that order. */
  args: Record<string, unknown>
}

/** Part of a result's content, as it came. */
export interface Block {
  type: string
  text?: string
  data?: string
  mimeType?: string
  uri?: string
  name?: string
  size?: number
  resource?: { uri: string; mimeType?: string; text?: string; blob?: string }
}

export interface Answer {
  content: Block[]
  isError?: boolean
}

/** Gives ids their names by the order in which they come, and the ids of names back. */
export class Names {
  readonly #known = new Map<string, string>()
  readonly #counts = new Map<string, number>()
  /** Folder of the machine → what stands for it. */
  readonly #folders: [string, string][]

  /** The longest folder first: one may lie in another. */
  constructor(folders: Record<string, string>) {
    this.#folders = Object.entries(folders).toSorted(([a], [b]) => b.length - a.length)
  }

  name(text: string): string {
    let named = text
    for (const [folder, name] of this.#folders) named = named.replaceAll(folder, name)
    return (
      named
        .replaceAll(/\br_[0-9a-f]{16}\b/g, (id) => this.#of(id, 'run'))
        .replaceAll(/\bl_[0-9a-f]{16}\b/g, (id) => this.#of(id, 'learning'))
        .replaceAll(/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:\.\d{1,9})?(?:Z| UTC)?/g, '<time>')
        .replaceAll(/\b\d{4}-\d\d-\d\d\b/g, '<date>')
        // Said of runs that took long, which depends on the machine.
        .replaceAll(/ · CPU \d{1,4}\.\d{1,2} s\b/g, '')
        .replaceAll(/\b\d{1,4}\.\d{1,2} s\b/g, '<seconds>')
        .replaceAll(/\b\d{1,4} (?:s|min|h) ago\b/g, '<ago>')
        .replaceAll(/\b\d{1,4}(?:\.\d{1,3})? MiB\b|\b\d(?:\.\d{1,2})? GiB of memory(?= ·)/g, '<memory>')
        // Where it cannot be had, pip installs.
        .replaceAll(/\buv \d{1,3}(?:\.\d{1,3}){2} or (?=pip )/g, '')
        .replaceAll(/\b(pip|setuptools) \d{1,3}(?:\.\d{1,3}){1,3}/g, '$1 <version>')
        .replaceAll(/\bPython 3(?:\.\d{1,3}){2} on .{1,200}\)/g, 'Python <version> on <system>')
        .replaceAll(/\bNow: .{1,40} in UTC/g, 'Now: <time> in UTC')
        .replaceAll(/\bBrowser: .{1,60}\. Commands: .{1,300}\.$/gm, 'Browser: <browser>. Commands: <commands>.')
        .replaceAll(/such as below "[^"\n]{1,200}"/g, 'such as below "<home>"')
        .replaceAll(/http:\/\/127\.0\.0\.1:\d{1,5}/g, '<server>')
        .replaceAll(/\(port \d{1,5}\)/g, '(port <port>)')
        .replaceAll(/\?[a-z]{1,10}=[\w%.=&~-]{20,400}/g, '?<signature>')
        .replaceAll(/0x[0-9a-f]{6,16}/g, '<address>')
        .replaceAll(/("(?:<library>|…\/python3\.11)\/[^"\n]{1,200}", line )\d{1,5}/g, '$1<line>')
    )
  }

  /** With the real ids for `<run 1>`. */
  resolve<T>(value: T): T {
    const text = JSON.stringify(value).replaceAll(/<(?:run|learning) \d{1,3}>/g, (name) => {
      const found = [...this.#known].find(([, known]) => known === name)
      if (found === undefined) throw new Error(`no answer named ${name}`)
      return found[0]
    })
    return JSON.parse(text) as T
  }

  #of(id: string, what: string): string {
    const known = this.#known.get(id)
    if (known !== undefined) return known
    const number = (this.#counts.get(what) ?? 0) + 1
    this.#counts.set(what, number)
    const name = `<${what} ${number}>`
    this.#known.set(id, name)
    return name
  }
}

/** The call above, the answer below, block by block. */
export function transcript({ tool, args }: ToolCall, answer: Answer, names: Names): string {
  const asked = Object.entries(args).map(([name, value]) => `${name}: ${argumentText(value)}`)
  const blocks = answer.content.map((block) => `--- ${blockText(block, names)}`)
  const head = answer.isError === true ? 'answer (isError)' : 'answer'
  return [`=== ${tool}`, ...asked, `=== ${head}`, ...blocks].join('\n')
}

function argumentText(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value)
  return value.includes('\n') ? `|\n${value.trimEnd().replaceAll(/^/gm, '    ')}` : value
}

function blockText(block: Block, names: Names): string {
  switch (block.type) {
    case 'text':
      return `text\n${names.name(block.text ?? '')}`
    case 'image':
      return `image, ${block.mimeType}, ${pictureText(block.data ?? '')}`
    case 'resource_link':
      return names.name(`link, ${block.name}, ${block.mimeType}, ${block.size} bytes, ${block.uri}`)
    case 'resource': {
      const { uri, mimeType, text, blob } = block.resource!
      return names.name(`embedded, ${uri}, ${mimeType}\n${text ?? `${blob?.length} characters of base64`}`)
    }
    default:
      return JSON.stringify(block)
  }
}

/** Its size in pixels, where it is a PNG, and in bytes. `data`: base64. */
function pictureText(data: string): string {
  const bytes = Buffer.from(data, 'base64')
  const isPng = bytes.subarray(1, 4).toString('latin1') === 'PNG'
  const pixels = isPng ? `${bytes.readUInt32BE(16)} × ${bytes.readUInt32BE(20)} pixels` : 'no PNG'
  return `${pixels}, ${bytes.length} bytes`
}

/** Characters of text that the model reads. */
export function textChars({ content }: Answer): number {
  return content.reduce((sum, { text, resource }) => sum + (text ?? resource?.text ?? '').length, 0)
}
