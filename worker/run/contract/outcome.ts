/** The outcome of a run, in the bounded shape that clients see. */
import * as z from 'zod'
import { refusedHost } from '../network/policy.ts'
import { fileChange, left, usage } from './protocol.ts'
import { programError } from './program-error.ts'

/** Reasons why an installation failed, as `installer-output.ts` reads them. */
export const INSTALL_FAILURES = [
  'unreachable',
  'refused',
  'unknown',
  'no_version',
  'python',
  'platform',
  'conflict',
  'build',
  'stopped',
  'other',
] as const
export type InstallFailureKind = (typeof INSTALL_FAILURES)[number]

const status = z.enum(['success', 'error', 'timeout', 'cancelled', 'lost'])

const outcomeFile = fileChange.omit({ n: true, type: true }).extend({
  kind: z.enum(['image', 'text', 'resource']),
  uri: z.string().describe('Read it with resources/read.'),
  download_url: z.string().optional().describe('Give it to the user: works without a token for an hour.'),
})

/** One of the runs that `run_with_retry` made of a program. */
const attempt = z.object({
  run_id: z.string(),
  status,
  error: programError.pick({ type: true, message: true, line: true }).nullable(),
  reason: z.string().describe('Why it ended so.'),
  waited_ms: z.int().describe('Milliseconds between the attempt before and this one.'),
})

/** The outcome of a run, for models and programs: always whole, always bounded. */
export const runOutcome = z.object({
  run_id: z.string(),
  status,
  exit_code: z.int().nullable(),
  signal: z.string().max(32).nullable().describe('The signal that ended the program, such as SIGKILL.'),
  executor: z.enum(['sandbox', 'local']),
  stdout: z.string().describe('As a screen shows it; head and tail when it was long.'),
  stderr: z.string(),
  bytes: z.object({ stdout: z.int(), stderr: z.int() }).describe('Exact counts of what was printed.'),
  cut: z.boolean().describe('Not all of the output is here.'),
  left_out: z
    .object({
      from_line: z
        .int()
        .nullable()
        .describe('The first line that is missing here, when a single stream was printed to.'),
      within_line: z.boolean().describe('It begins within a line, which has no pages.'),
      dropped_bytes: z.int().describe('Beyond the output limit: nobody has them.'),
    })
    .optional()
    .describe('What is missing of the output. The tool runs has what was not dropped.'),
  error: programError.omit({ module: true }).nullable().describe('What ended the program.'),
  hints: z.array(z.string()),
  learnings: z.array(z.object({ id: z.string(), kind: z.string(), text: z.string(), origin: z.string() })),
  installed_packages: z.array(z.string()).describe('name==version'),
  env: z.array(z.string()).optional().describe('Names of the environment variables that it was given.'),
  failed_installs: z
    .array(z.object({ packages: z.array(z.string()), why: z.enum(INSTALL_FAILURES) }))
    .optional()
    .describe('Installations for it that failed.'),
  files: z.array(outcomeFile),
  file_counts: z
    .object({ created: z.int(), changed: z.int(), deleted: z.int() })
    .optional()
    .describe('Of all files, when not all are listed.'),
  omitted: z.array(z.object({ path: z.string(), reason: z.string() })),
  refused_hosts: z
    .array(refusedHost)
    .optional()
    .describe('Hosts that the network policy refused while it ran, to this program or another of the user.'),
  left: left.optional().describe('Servers that it had started and that ended with it.'),
  check: z
    .object({ notes: z.array(z.string()) })
    .optional()
    .describe('What reading the program told before it ran.'),
  usage: usage.nullable(),
  restored_from: z
    .string()
    .optional()
    .describe('The sandbox was new: files and packages were brought back as they had been saved at this time.'),
  attempts: z.array(attempt).optional().describe('Of run_with_retry: every run of the program, in order.'),
})
export type RunOutcome = z.infer<typeof runOutcome>
export type ExecutorName = RunOutcome['executor']

/** A run as clients see it; one that has not ended has its outcome so far. */
export const shownOutcome = runOutcome.extend({ status: z.enum([...status.options, 'queued', 'running']) })
export type ShownOutcome = z.infer<typeof shownOutcome>

export function isUnderWay(status: ShownOutcome['status']): boolean {
  return status === 'queued' || status === 'running'
}

/**
 * The reason why the platform did not start a program; null when it did. No program can look like this: its end has an exit code or a
 * signal.
 */
export function whyNotStarted({ status, exit_code, signal, error }: ShownOutcome): string | null {
  return status === 'error' && exit_code === null && signal === null && error !== null ? error.message : null
}
