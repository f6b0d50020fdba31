/** Shape of a rule about failures. The rules are data: `rules.ts` and the files that it puts in order. */
import type { InstallFailureKind } from '../contract/outcome.ts'

export interface FailureRule {
  /** Class names as the runner reports them: with their module, unless built-in or of the program itself. Omitted: any failure. */
  types?: readonly string[]
  /** Conditions on the message; all that are given must hold. `errno` of `[Errno n]`, on Linux and macOS. */
  errno?: readonly number[]
  /** The HTTP status that the exception or its message names. */
  status?: readonly number[]
  /** Texts of which the message holds one, in any case. Written in lower case. */
  says?: readonly string[]
  /** Texts of which the error output holds one, in the same case. */
  stderr?: readonly string[]
  /** End of the command in a CalledProcessError: its name, or any, and its exit codes or signal. */
  command?: { name?: string; exits: readonly (number | string)[] }
  /** Names of a program of the system that could not be started. */
  program?: readonly string[]
  /** Kinds of failed installations for the program before it started. */
  install?: readonly InstallFailureKind[]
  /** Names of facts that are known. */
  knows?: readonly string[]
  /** Values that facts have, one of each list. */
  is?: Readonly<Record<string, readonly string[]>>
  /** Exit code that the runner reports beside the exception. */
  exit_code?: number
  signals?: readonly string[]

  kind: 'deterministic' | 'transient' | 'limit'
  /** Completes the sentence "It failed because …". `{name}` stands for a fact, in both texts. */
  reason: string
  /** The next step, beginning with "Next:": only when it is certain, and not in the error itself. Without one, no hint is given. */
  hint?: string
  /** Set when the error itself gives the reason, so that the hint has only the next step. */
  plain?: true
}

/** `of('a.b', 'C D')` → `a.b.C`, `a.b.D`. */
export function of(module: string, names: string): string[] {
  return names.split(' ').map((name) => `${module}.${name}`)
}
