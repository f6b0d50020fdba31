/** Questions in a terminal. */
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { CannotStart } from '../cannot-start.ts'

/** Returns whether somebody is there to answer. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY && !process.env['CI']
}

/** The answer without blanks around it. `hidden`: it is not shown while it is typed. Throws CannotStart on Ctrl-C and Ctrl-D. */
export async function ask(question: string, { hidden = false } = {}): Promise<string> {
  let silent = false
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (!silent) process.stdout.write(chunk)
      done()
    },
  })
  const terminal = createInterface({ input: process.stdin, output, terminal: true })
  try {
    return await new Promise((resolve, reject) => {
      const stopped = () => reject(new CannotStart('\nStopped without an answer; nothing was changed.'))
      terminal.once('close', stopped)
      terminal.once('SIGINT', stopped)
      terminal.question(question).then((answer) => resolve(answer.trim()), reject)
      silent = hidden
    })
  } finally {
    terminal.close()
    if (hidden) process.stdout.write('\n')
  }
}
