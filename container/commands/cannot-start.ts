/** A fault of this machine that keeps the project from starting; the message is one line with reason and fix. */
export class CannotStart extends Error {
  override readonly name = 'CannotStart'
}

/** The last line of a command's output: most commands give the reason of a failure there. */
export function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? ''
}
