/** The chat host around the view: JSON-RPC over messages between windows, as MCP Apps has it. */

type Params = Record<string, unknown>
type Handler = (params: Params) => void

interface Message {
  jsonrpc?: unknown
  id?: number | string
  method?: string
  params?: Params
  result?: unknown
  error?: { message?: string }
}

export class Host {
  readonly #window: Window
  readonly #handlers: Record<string, Handler>
  readonly #waiting = new Map<number, (answer: MessageEvent['data']) => void>()
  #lastId = 0

  /** `handlers`: of the host's notifications and requests, by method. They listen at once, as the host speaks as soon as it may. */
  constructor(window: Window, handlers: Record<string, Handler>) {
    this.#window = window
    this.#handlers = handlers
    addEventListener('message', ({ source, data }: MessageEvent<Message | null>) => {
      if (source === window && data?.jsonrpc === '2.0') this.#receive(data)
    })
  }

  request<Result>(method: string, params: Params): Promise<Result> {
    const id = ++this.#lastId
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.set(id, ({ result, error }) =>
        error === undefined ? resolve(result) : reject(new Error(error.message)),
      )
      this.#send({ id, method, params })
    })
  }

  notify(method: string, params: Params = {}): void {
    this.#send({ method, params })
  }

  #send(message: object): void {
    // The host's origin is not known, and nothing here is a secret of another's.
    this.#window.postMessage({ jsonrpc: '2.0', ...message }, '*')
  }

  #receive(message: Message): void {
    const { id, method, params = {} } = message
    if (method === undefined) {
      this.#waiting.get(Number(id))?.(message)
      this.#waiting.delete(Number(id))
      return
    }
    const handler = Object.hasOwn(this.#handlers, method) ? this.#handlers[method] : undefined
    handler?.(params)
    if (id === undefined) return
    this.#send(
      handler === undefined && method !== 'ping'
        ? { id, error: { code: -32601, message: 'Method not found' } }
        : { id, result: {} },
    )
  }
}
