/**
 * What is known about failures, as data: the class of the exception decides; where the class does not say enough, its message
 * does. The first rule that fits is taken. Whatever no rule names is deterministic, so it takes a rule to run a program again.
 */
import type { FailureRule } from './failure-rule.ts'
import { NETWORK_FAILURES } from './failures-network.ts'
import { IMPORT_FAILURES, PROGRAM_FAILURES, REQUESTS_FOR_RETRY } from './failures-program.ts'
import { DATABASE_FAILURES, SERVICE_FAILURES } from './failures-services.ts'
import { COMMAND_FAILURES, SYSTEM_FAILURES } from './failures-system.ts'

/** In the order in which they are asked. */
export const FAILURE_RULES: readonly FailureRule[] = [
  ...REQUESTS_FOR_RETRY,
  ...NETWORK_FAILURES,
  ...SERVICE_FAILURES,
  ...DATABASE_FAILURES,
  ...COMMAND_FAILURES,
  ...IMPORT_FAILURES,
  ...SYSTEM_FAILURES,
  ...PROGRAM_FAILURES,
]
