/**
 * Knowledge about failures, as data: the class of the exception decides; where the class does not say enough, its message does. The first
 * rule that fits is taken. A failure without a rule is deterministic, so it takes a rule to run a program again.
 */
import { BARE_CLASSES } from './classes.ts'
import { COMMAND_FAILURES } from './commands.ts'
import { LIMIT_FAILURES } from './limits.ts'
import type { FailureRule } from './rule.ts'
import { NETWORK_FAILURES } from './network.ts'
import { IMPORT_FAILURES, PROGRAM_FAILURES, REQUESTS_FOR_RETRY, WANTED_PACKAGES, WORKER_FAILURES } from './program.ts'
import { REMOVED_NAMES } from './removed.ts'
import { DATABASE_FAILURES, SERVICE_FAILURES } from './services.ts'
import { SYSTEM_FAILURES } from './system.ts'
import { TOOL_FAILURES } from './tools.ts'

/** All rules, in the order in which they are tried. */
export const FAILURE_RULES: readonly FailureRule[] = [
  ...REQUESTS_FOR_RETRY,
  ...WORKER_FAILURES,
  ...LIMIT_FAILURES,
  ...TOOL_FAILURES,
  ...NETWORK_FAILURES,
  ...SERVICE_FAILURES,
  ...DATABASE_FAILURES,
  ...COMMAND_FAILURES,
  ...WANTED_PACKAGES,
  ...REMOVED_NAMES,
  ...IMPORT_FAILURES,
  ...SYSTEM_FAILURES,
  ...PROGRAM_FAILURES,
  ...BARE_CLASSES,
]
