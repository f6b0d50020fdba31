/** A server on loopback in place of a model's API: it asks for one call of a tool, and keeps whole what it is sent. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Seen } from '../cases.ts'
import type { ModelApi, ModelCall, ModelEvent } from './model-api.ts'

export interface ModelStandIn extends AsyncDisposable {
  /** `http://127.0.0.1:PORT` */
  origin: string
  /** What the model was told of its call. */
  told(): Seen
}

export async function startModelStandIn(api: ModelApi, call: ModelCall): Promise<ModelStandIn> {
  const requests: unknown[] = []
  const others: string[] = []
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url!, 'http://stand-in')
    if (request.method !== 'POST' || !pathname.endsWith(api.path)) {
      others.push(`${request.method} ${pathname}`)
      response.writeHead(404).end()
      return
    }
    const asked: unknown = JSON.parse(await text(request))
    requests.push(asked)
    send(response, (api.told(asked) ? undefined : api.ask(asked, call)) ?? api.end(asked))
  }
  const server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    told() {
      const told = requests.map((request) => api.told(request)).find((each) => each !== undefined)
      if (told !== undefined) return told
      throw new Error(`The model was told nothing, in ${requests.length} requests. Others: ${others.join(', ')}`)
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function send(response: ServerResponse, events: ModelEvent[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const [type, data] of events) response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`)
  response.end()
}
