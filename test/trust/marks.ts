/** Where programs write their marks, `MARK begin` and `MARK end`: a port, as the disk of a container ends with it. */
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import type { Marks } from './history.ts'

export interface MarkServer {
  /** `HOST:PORT` */
  address: string
  marks: Map<string, Marks>
  close(): void
}

/** A program's mark counts before its program is answered, and goes on. */
export async function startMarks(host: string): Promise<MarkServer> {
  const marks = new Map<string, Marks>()
  const server = createServer((socket) => {
    const lines = createInterface(socket)
    // Its program was killed.
    for (const each of [socket, lines]) each.on('error', () => {})
    lines.on('line', (line) => {
      const [mark, word] = line.split(' ')
      if (word !== 'begin' && word !== 'end') return
      const before = marks.get(mark!) ?? { begin: 0, end: 0 }
      marks.set(mark!, { ...before, [word]: before[word] + 1 })
      socket.end('written')
    })
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, host, resolve))
  const { port } = server.address() as { port: number }
  return { address: `${host}:${port}`, marks, close: () => server.close() }
}
