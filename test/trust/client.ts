/**
 * One client as a process of its own, so that it can be killed: `node client.ts`. Its order comes over the IPC channel; it calls one thing
 * after the other, tells its parent when each call begins and ends, and ends with the message "stop" or with its parent.
 */
import * as z from 'zod'
import { CLIENTS, type TestClient } from '../support/clients.ts'
import type { Call, End } from './history.ts'
import { lettersOf, randomNumbers } from './plan.ts'

export const clientOrder = z.object({
  origin: z.string(),
  token: z.string(),
  /** A key of CLIENTS. */
  lane: z.string(),
  user: z.int(),
  /** Begins the marks of this client, and of no other. */
  prefix: z.string(),
  /** Begins the marks of its user's clients. */
  ofUser: z.string(),
  /** Begins the marks of everybody's. */
  ofAll: z.string(),
  /** The setting that only this client writes, and its values. */
  setting: z.object({ name: z.string(), least: z.int(), most: z.int() }),
  /** Where programs write their marks: `HOST:PORT`. */
  marks: z.string(),
  seed: z.int(),
})
export type ClientOrder = z.infer<typeof clientOrder>

export type ClientNews =
  | { event: 'begin'; call: Call }
  | { event: 'end'; mark: string; end: End }
  | { event: 'foreign'; mark: string; text: string }

const SILENT_MS = 120_000
const RECONNECT_MS = 300
/** Characters of an uploaded file at most. */
const MAX_UPLOAD = 20_000

type Told = Omit<End, 'at'>
class Silent extends Error {}
/** Until a call counts as broken for which nothing is open any more: both SDKs give up without a word to who waits. */
const GIVEN_UP_MS = 15_000

/** Connections of the client that is connected now. */
let connections = watchConnections()
process.once('message', (order) => void work(clientOrder.parse(order)))
process.once('disconnect', () => process.exit(1))

async function work(order: ClientOrder): Promise<void> {
  let isStopped = false
  process.on('message', () => (isStopped = true))
  const random = randomNumbers(order.seed)
  let client: TestClient | null = null
  for (let n = 0; !isStopped; n++) {
    const call = callOf(order, n, random)
    try {
      client ??= await within(CLIENTS[order.lane]!.connect(order.origin, order.token, connections.fetch), SILENT_MS)
    } catch {
      await pause(RECONNECT_MS) // the server is starting
      continue
    }
    tell({ event: 'begin', call })
    const { givenUp, stopLooking } = connections.look()
    const answer = Promise.race([perform(order, client, call, random), givenUp])
    const told = await within(answer, SILENT_MS).catch((error: unknown) => failure(error))
    stopLooking()
    tell({ event: 'end', mark: call.mark, end: { ...told, at: Date.now() } })
    if (told.how === 'acknowledged') continue
    // A session that was lost with its server begins anew.
    await client.close().catch(() => {})
    client = null
    connections = watchConnections()
  }
  process.exit(0)
}

/** Counts the requests and streams of one connected client that are open. */
function watchConnections() {
  let open = 0
  let since = Date.now()
  const change = (by: number) => {
    open += by
    since = Date.now()
  }
  const watching: typeof fetch = async (...args) => {
    change(1)
    try {
      const response = await fetch(...args)
      // What is no stream may be left unread.
      const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
      if (response.ok && isStream) return whenOver(response, () => change(-1))
      change(-1)
      return response
    } catch (error) {
      change(-1)
      throw error
    }
  }
  return {
    fetch: watching,
    /** `givenUp` rejects when nothing has been open for a while. */
    look: () => {
      since = Date.now()
      let timer: NodeJS.Timeout | undefined
      const givenUp = new Promise<never>((_, reject) => {
        timer = setInterval(() => {
          if (open === 0 && Date.now() - since > GIVEN_UP_MS)
            reject(new Error('nothing is open any more for this call'))
        }, RECONNECT_MS)
      })
      return { givenUp, stopLooking: () => clearInterval(timer) }
    },
  }
}

/** A response that calls `over` when its body has ended, however that was. */
function whenOver(response: Response, over: () => void): Response {
  const reader = response.body!.getReader()
  let isOver = false
  const end = () => {
    if (!isOver) over()
    isOver = true
  }
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read()
        if (!done) return controller.enqueue(value)
        end()
        controller.close()
      } catch (error) {
        end()
        controller.error(error)
      }
    },
    async cancel(reason) {
      end()
      await reader.cancel(reason)
    },
  })
  return new Response(body, response)
}

function callOf(order: ClientOrder, n: number, random: () => number): Call {
  const { user, lane, setting } = order
  const base = { mark: order.prefix + lettersOf(n), user, lane, began: Date.now(), end: null }
  const at = random()
  if (at < 0.15) return { ...base, kind: 'learning' }
  if (at < 0.27) {
    const value = setting.least + Math.floor(random() * (setting.most - setting.least))
    return { ...base, kind: 'setting', name: setting.name, value: String(value) }
  }
  if (at < 0.45) {
    const value = `${base.mark} `.repeat(1 + Math.floor((random() * MAX_UPLOAD) / base.mark.length))
    return { ...base, kind: 'upload', name: `trust/${base.mark}.txt`, value }
  }
  return { ...base, kind: at < 0.92 ? 'run' : 'read' }
}

async function perform(order: ClientOrder, client: TestClient, call: Call, random: () => number): Promise<Told> {
  switch (call.kind) {
    case 'learning':
      return tool(order, client, call, 'add_learning', {
        error_pattern: `TrustError: ${call.mark} went wrong`,
        solution: `call ${call.mark} again`,
        context: '',
      })
    case 'setting':
      return random() < 0.5
        ? tool(order, client, call, 'configure', { action: 'set', key: call.name, value: call.value })
        : http(order, call, '/config', 'POST', JSON.stringify({ [call.name!]: Number(call.value) }))
    case 'upload':
      return http(order, call, `/files/${call.name}`, 'PUT', call.value)
    case 'read':
      return random() < 0.5
        ? tool(order, client, call, 'runs', {})
        : http(order, call, `/learnings?search=${order.prefix}`, 'GET')
    case 'run':
      return run(order, client, call, random)
  }
}

function run(order: ClientOrder, client: TestClient, call: Call, random: () => number): Promise<Told> {
  const code = programOf(call.mark, order.marks, random())
  const way = random()
  if (way < 0.6) return tool(order, client, call, 'run_python', { code })
  if (way < 0.8) return tool(order, client, call, 'run_python', { code, background: true })
  return http(order, call, '/runs', 'POST', JSON.stringify({ code }))
}

/** Sends its mark when it begins and at its end, and waits until it is written. Most take a moment, some seconds. */
function programOf(mark: string, marks: string, at: number): string {
  const [host, port] = marks.split(':')
  const seconds = at < 0.8 ? at / 4 : at * 3
  return `import socket, time

def note(word):
    with socket.create_connection((${JSON.stringify(host)}, ${port})) as written:
        written.sendall(f"${mark} {word}\\n".encode())
        written.recv(1)

note("begin")
print("${mark}", flush=True)
time.sleep(${seconds.toFixed(2)})
note("end")
`
}

async function tool(
  order: ClientOrder,
  client: TestClient,
  { mark, kind }: Call,
  name: string,
  args: Record<string, unknown>,
): Promise<Told> {
  const { text, isError, structured } = await client.call(name, args)
  lookForForeign(order, mark, `${text}${JSON.stringify(structured ?? null)}`)
  if (kind !== 'run') return { how: isError ? 'refused' : 'acknowledged', words: text.slice(0, 300) }
  const { run_id: runId, status } = structured ?? {}
  if (typeof runId !== 'string') return { how: isError ? 'refused' : 'acknowledged', words: text.slice(0, 300) }
  return { how: 'acknowledged', words: text.slice(0, 300), runId, status }
}

async function http(order: ClientOrder, call: Call, path: string, method: string, body?: string): Promise<Told> {
  const headers = { authorization: `Bearer ${order.token}`, 'content-type': 'application/json' }
  const response = await connections.fetch(order.origin + path, {
    method,
    headers,
    ...(body !== undefined && { body }),
  })
  const text = await response.text()
  lookForForeign(order, call.mark, text)
  const words = `${response.status} ${text.slice(0, 300)}`
  if (!response.ok) return { how: 'refused', words }
  if (call.kind !== 'run') return { how: 'acknowledged', words }
  const runId = response.headers.get('location')?.split('/').at(-1)
  const status = /"type":"outcome","outcome":\{"run_id":"\w+","status":"(\w+)"/.exec(text)?.[1]
  return { how: 'acknowledged', words, ...(runId !== undefined && { runId }), ...(status !== undefined && { status }) }
}

/** Whether an answer has a mark of another user's client. */
function lookForForeign({ ofAll, ofUser }: ClientOrder, mark: string, text: string): void {
  for (let at = text.indexOf(ofAll); at >= 0; at = text.indexOf(ofAll, at + 1)) {
    if (text.startsWith(ofUser, at)) continue
    return tell({ event: 'foreign', mark, text: text.slice(Math.max(0, at - 60), at + 60) })
  }
}

function failure(error: unknown): Told {
  if (error instanceof Silent) return { how: 'silent', words: '' }
  const words = error instanceof Error ? error.message : String(error)
  // A JSON-RPC error is an answer; whatever else is thrown is the end of a connection.
  const isAnswer = error instanceof Error && 'code' in error && typeof error.code === 'number' && error.code < -32_000
  return { how: isAnswer ? 'refused' : 'broken', words: words.slice(0, 300) }
}

async function within<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Silent()), ms)
  })
  try {
    return await Promise.race([work, silence])
  } finally {
    clearTimeout(timer)
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function tell(news: ClientNews): void {
  process.send?.(news)
}
