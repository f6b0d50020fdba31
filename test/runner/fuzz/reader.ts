/** An interpreter with the runner's parts in it, which reads one text after another. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { testPython } from '../../support/python.ts'

const CONTAINER = fileURLToPath(new URL('../../../container', import.meta.url))

export interface Reader {
  /** The answer to an operation with its arguments. */
  ask<T>(...request: unknown[]): Promise<T>
  stop(): void
}

/** `script`: what reads, in this folder. */
export async function startReader(script = 'reading.py'): Promise<Reader> {
  const process = spawn(await testPython(), [fileURLToPath(new URL(script, import.meta.url))], {
    env: { PATH: '/usr/bin:/bin', PYTHONPATH: CONTAINER, PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface(process.stdout)[Symbol.asyncIterator]()
  return {
    async ask(...request) {
      process.stdin.write(`${JSON.stringify(request)}\n`)
      const { value, done } = await lines.next()
      if (done === true) throw new Error('the interpreter ended')
      return JSON.parse(value)
    },
    stop: () => process.kill(),
  }
}
