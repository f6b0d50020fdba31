/**
 * What is known about failures, as data: the class of the exception decides; where the class does not say enough, its message
 * does. The first rule that fits is taken. Whatever no rule names is deterministic, so it takes a rule to run a program again.
 */
import type { FailureRule } from './failure-rule.ts'
import { NETWORK_FAILURES } from './failures-network.ts'
import {
  IMPORT_FAILURES,
  PROGRAM_FAILURES,
  REQUESTS_FOR_RETRY,
  WANTED_PACKAGES,
  WORKER_FAILURES,
} from './failures-program.ts'
import { REMOVED_NAMES } from './failures-removed.ts'
import { DATABASE_FAILURES, SERVICE_FAILURES } from './failures-services.ts'
import { COMMAND_FAILURES, LIMIT_FAILURES, SYSTEM_FAILURES } from './failures-system.ts'
import { TOOL_FAILURES } from './failures-tools.ts'

/** In the order in which they are asked. */
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
]
