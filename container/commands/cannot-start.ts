/** Something about this machine keeps the project from starting; the message is one line with reason and fix. */
export class CannotStart extends Error {
  override readonly name = 'CannotStart'
}

/** The last line of what a command printed, which is where most say why they failed. */
export function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? ''
}
