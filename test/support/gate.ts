/** Where a program waits until its test has seen what it looks for: it then goes on, however slow the machine is. */
import { expect } from 'vitest'

export interface Gate {
  /** In Python, whether it is open. */
  isOpen: string
  /** The line of Python that waits. */
  wait: string
  /** Lets the program go on. */
  open(): Promise<void>
}

/** A gate for programs of the developer's on a local server. */
export function gateOf({ origin, token }: { origin: string; token: string }): Gate {
  // What lies in this folder is not told as a change of a run.
  const file = `__pycache__/${crypto.randomUUID()}`
  const isOpen = `__import__("os").path.exists("${file}")`
  return {
    isOpen,
    wait: `while not ${isOpen}: __import__("time").sleep(0.05)`,
    async open() {
      const headers = { authorization: `Bearer ${token}` }
      const { status } = await fetch(`${origin}/files/${file}`, { method: 'PUT', headers, body: 'open' })
      expect(status).toBe(200)
    },
  }
}
