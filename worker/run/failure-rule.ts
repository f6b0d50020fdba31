/** What a rule about failures is. The rules are data: `failure-rules.ts` and the files that it puts in order. */

export interface FailureRule {
  /** Class names as the runner reports them: with their module, unless built-in or of the program itself. */
  types: readonly string[]
  /** Conditions on the message; all that are given must hold. `errno` of `[Errno n]`, on Linux and macOS. */
  errno?: readonly number[]
  /** The HTTP status that the message names. */
  status?: readonly number[]
  /** The message holds one of these, whatever the case. Written in lower case. */
  says?: readonly string[]
  /** The command that a CalledProcessError names ended so: its name, or any, and its exit codes or signal. */
  command?: { name?: string; exits: readonly (number | string)[] }
  /** One of these is in a sentence about an installation that failed before the program started. Lower case. */
  install?: readonly string[]
  /** What the runner reports beside the exception. */
  exit_code?: number
  signals?: readonly string[]

  kind: 'deterministic' | 'transient' | 'limit'
  /** Completes the sentence "It failed because …". */
  reason: string
  /** What to do about it, beginning with "Next:". */
  hint: string
}

/** `of('a.b', 'C D')` → `a.b.C`, `a.b.D`. */
export function of(module: string, names: string): string[] {
  return names.split(' ').map((name) => `${module}.${name}`)
}
