/** A way to a server on this machine that can be cut, as a bad network is. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { once } from 'node:events'

export class LosingProxy implements AsyncDisposable {
  /** Bytes that have gone to the server. */
  sent = 0
  #isDown = false
  readonly #server
  readonly #sockets = new Set<Socket>()

  private constructor(port: number) {
    this.#server = createServer((client) => {
      if (this.#isDown) return client.destroy()
      const server = connect(port, '127.0.0.1')
      for (const [from, to] of [
        [client, server],
        [server, client],
      ] as const) {
        this.#sockets.add(from)
        from.on('error', () => {}) // it is cut
        from.once('close', () => {
          this.#sockets.delete(from)
          to.destroy()
        })
      }
      client.on('data', (chunk) => (this.sent += chunk.length))
      client.pipe(server).pipe(client)
    })
  }

  static async to(origin: string): Promise<LosingProxy> {
    const proxy = new LosingProxy(Number(new URL(origin).port))
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get origin(): string {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on a port
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Cuts every connection, and those that are tried until `up`. */
  down(): void {
    this.#isDown = true
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  up(): void {
    this.#isDown = false
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    this.down()
  }
}
