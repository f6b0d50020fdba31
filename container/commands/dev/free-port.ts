/** Looks whether a port can be listened to, before anything is started for it. */
import { createServer } from 'node:net'
import { CannotStart } from '../cannot-start.ts'
import { DEFAULT_PORT } from './options.ts'

/** Throws CannotStart when it cannot. */
export async function assertFree(port: number): Promise<void> {
  const server = createServer()
  await new Promise<void>((done, fail) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'is in use' : `cannot be used (${error.message})`
      const another = port < 65_535 ? port + 1 : DEFAULT_PORT
      fail(
        new CannotStart(
          `Port ${port} ${reason}. Fix: end what uses it, or choose another: npm run dev -- --port ${another}`,
        ),
      )
    })
    server.listen(port, '127.0.0.1', () => server.close(() => done()))
  })
}
