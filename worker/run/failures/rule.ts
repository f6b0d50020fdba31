/** What a rule about failures is. The rules are data: `rules.ts` and the files that it puts in order. */
import type { InstallFailureKind } from '../contract/outcome.ts'

export interface FailureRule {
  /** Class names as the runner reports them: with their module, unless built-in or of the program itself. Omitted: any failure. */
  types?: readonly string[]
  /** Conditions on the message; all that are given must hold. `errno` of `[Errno n]`, on Linux and macOS. */
  errno?: readonly number[]
  /** The HTTP status that the exception or its message names. */
  status?: readonly number[]
  /** The message holds one of these, whatever the case. Written in lower case. */
  says?: readonly string[]
  /** The error output holds one of these, letter by letter. */
  stderr?: readonly string[]
  /** The command that a CalledProcessError names ended so: its name, or any, and its exit codes or signal. */
  command?: { name?: string; exits: readonly (number | string)[] }
  /** A program of the system by this name could not be started. */
  program?: readonly string[]
  /** An installation for the program failed so before it started. */
  install?: readonly InstallFailureKind[]
  /** Facts that are known. */
  knows?: readonly string[]
  /** Facts that are one of these. */
  is?: Readonly<Record<string, readonly string[]>>
  /** What the runner reports beside the exception. */
  exit_code?: number
  signals?: readonly string[]

  kind: 'deterministic' | 'transient' | 'limit'
  /** Completes the sentence "It failed because …". `{name}` stands for a fact, in both texts. */
  reason: string
  /** What to do about it, beginning with "Next:": only what is sure, and not in the error itself. Without one, nothing is told. */
  hint?: string
  /** The error itself gives the reason, so that only the next step is told. */
  plain?: true
}

/** `of('a.b', 'C D')` → `a.b.C`, `a.b.D`. */
export function of(module: string, names: string): string[] {
  return names.split(' ').map((name) => `${module}.${name}`)
}
