/** States of a run, and failures of the platform, in words with the next step. `hints.ts` has an outcome's own hints. */
import { SANDBOX_START_MS } from '../contract/bounds.ts'
import {
  Busy,
  isSandboxFailure,
  isStorageFull,
  NoExecutor,
  QuotaUsed,
  RunnerError,
  type SandboxFailure,
  STORAGE_FULL,
} from '../contract/errors.ts'
import type { ShownOutcome } from '../contract/outcome.ts'

/** The end of a run that was not sent before the server was restarted, by its stage. */
export const NEVER_STARTED = {
  queued: 'The program was waiting in the queue when the server was restarted; nothing of it ran. Next: call again.',
  preparing:
    'The server was restarted while the program was being checked, or packages were being installed for it; nothing of it ran. Next: call again.',
}

/** A step of a run that has to wait for its container. */
export const STARTING_SANDBOX = 'Starting the sandbox …'

/** The end of a run whose outcome was stored by another version of this server. */
export const UNREADABLE = 'It has ended; its details cannot be read any more. Next: run the program again.'

/** The reason why nobody knows how a run ended. */
export function lostWords({ hints }: Pick<ShownOutcome, 'hints'>): string {
  return hints.at(-1) ?? 'The run was lost with the server that ran it, so its result is unknown. Next: call again.'
}

/** The state of a run, in a sentence; `uri` leads to its output. */
export function statusWords(status: ShownOutcome['status'], outcome: ShownOutcome | null, uri: string): string {
  const printed = outcome === null ? 0 : outcome.bytes.stdout + outcome.bytes.stderr
  switch (status) {
    case 'queued':
      return 'It waits for a place and then starts by itself.'
    case 'running':
      return `It is running and has printed ${printed} bytes so far; ${uri} shows them.`
    case 'success':
      return 'The program succeeded.'
    case 'error':
      return `The program failed${outcome?.error ? ` (${outcome.error.type})` : ''}.`
    case 'timeout':
      return 'The program was stopped at its time-out.'
    case 'cancelled':
      return `It was cancelled; ${uri} shows what it had printed, ${printed} bytes.`
    case 'lost':
      return 'The run was lost.'
  }
}

/** The reason why a run could not be done at all, and the next step. Holds no addresses and no secrets. */
export function platformErrorWords(error: unknown): string {
  if (isStorageFull(error)) return STORAGE_FULL
  if (error instanceof NoExecutor || error instanceof Busy || error instanceof QuotaUsed) return error.message
  if (!(error instanceof RunnerError))
    return 'Something in the server failed, so the program’s result is unknown. Next: call again.'
  const { code, message } = error
  if (isSandboxFailure(code)) {
    const { reason, program = 'Nothing of the program ran.', next } = SANDBOX_WORDS[code]
    return `${reason} ${program} ${next}`
  }
  switch (code) {
    case 'unreachable':
      return 'The Python runner did not answer. If the program had begun, it is being stopped. Next: start everything with "npm run dev" (locally), or look at what the program may have changed and call again in a few seconds.'
    case 'not_started':
      return 'The Python runner could not start the program; nothing of it ran. Next: call again.'
    case 'bad_request':
    case 'too_large':
    case 'quota':
      return `The program was not run: ${message}.`
    case 'busy':
      return 'The Python runner has too many live runs; nothing of the program ran. Next: call again in a few seconds.'
    case 'bad_answer':
    case 'conflict':
    case 'internal':
      return 'The Python runner failed, so it is not known whether the program ran. Next: look at what it may have changed before you call again, and at the runner’s log.'
    case 'unauthorized':
    case 'forbidden':
    case 'not_found':
    case 'method_not_allowed':
    case 'no_picture':
    case 'leaving':
    case 'unknown':
      return 'The Python runner refused the program; nothing of it ran. Next: look at the runner’s log, and restart it.'
  }
}

/** The reason why the runner did not do a request other than a run, and the next step. `unchanged`: a sentence on what stays as it was. */
export function requestErrorWords(error: unknown, unchanged: string): string {
  if (isStorageFull(error)) return STORAGE_FULL
  if (error instanceof NoExecutor || error instanceof Busy || error instanceof QuotaUsed) return error.message
  if (!(error instanceof RunnerError))
    return `Something in the server failed. Next: look at what is there, and call again.`
  const { code } = error
  if (isSandboxFailure(code)) return `${SANDBOX_WORDS[code].reason} ${unchanged} ${SANDBOX_WORDS[code].next}`
  switch (code) {
    case 'unreachable':
      return `The Python runner cannot be reached. ${unchanged} Next: start everything with "npm run dev" (locally), or call again in a few seconds.`
    case 'bad_request':
    case 'conflict':
    case 'quota':
      return `${unchanged.replace(/\.$/, '')}: ${error.message.replace(/\.$/, '')}.`
    case 'bad_answer':
    case 'busy':
    case 'forbidden':
    case 'internal':
    case 'leaving':
    case 'method_not_allowed':
    case 'no_picture':
    case 'not_found':
    case 'not_started':
    case 'too_large':
    case 'unauthorized':
    case 'unknown':
      return `The Python runner refused it. ${unchanged} Next: call again, or look at the runner’s log.`
  }
}

/** Words on why there is no sandbox, and the next step. */
interface SandboxWords {
  reason: string
  /** The fate of the program that was to run; unset: nothing of it ran. */
  program?: string
  next: string
}

const SANDBOX_WORDS: Record<SandboxFailure, SandboxWords> = {
  sandbox_full: {
    reason: 'No sandbox is free: as many containers are running as this server may have.',
    next: 'Next: call again in a minute; the operator can raise max_instances in wrangler.toml.',
  },
  sandbox_slow: {
    reason: `The sandbox did not start within ${SANDBOX_START_MS / 1000} s.`,
    next: 'Next: call again; shortly after a deployment its image may still be on its way.',
  },
  sandbox_failed: {
    reason: 'The sandbox could not be started.',
    next: 'Next: call again; if it stays so, the operator finds the reason in the logs ("npx wrangler tail").',
  },
  sandbox_not_restored: {
    reason: 'Your saved files could not be brought into the new sandbox; they are not lost.',
    next: 'Next: call again in a minute; if it stays so, the operator finds the reason in the logs ("npx wrangler tail").',
  },
  sandbox_unreachable: {
    reason: 'The sandbox did not answer.',
    program: 'If the program had begun, it is being stopped.',
    next: 'Next: call again in a few seconds.',
  },
  sandbox_frozen: {
    reason: 'The sandbox did not answer any more, so it was ended.',
    program: 'If the program had begun, it ended with it.',
    next: 'Next: call again, which starts a new one with the files that were saved; list them first.',
  },
  sandbox_leaving: {
    reason:
      'The platform is replacing the sandbox, as after a new version of this server, but a program still runs in it, or its files are not saved yet.',
    next: 'Next: wait for the program to end or cancel it (the tool runs), then call again.',
  },
  network_busy: {
    reason:
      'The network policy has changed to or from "open", for which the sandbox has to start anew, but a program is running in it.',
    next: 'Next: wait for it to end or cancel it (the tool runs), then call again.',
  },
  network_unsaved: {
    reason:
      'The network policy has changed to or from "open", for which the sandbox has to start anew, but its files could not be saved before.',
    next: 'Next: call again in a minute, or undo the change with configure.',
  },
  no_package_hosts: {
    reason: 'The network policy is "packages", but this server does not know which hosts packages come from.',
    next: 'Next: set network to "open" or "off" with configure; the operator can name the hosts in the variable PACKAGE_HOSTS, or build the image again.',
  },
  sandbox_off: {
    reason: 'This server was started without a Python runner and without containers.',
    next: 'Next: stop it and start it with "npm run dev", which starts the runner as well, or with "npm run dev -- --container".',
  },
}

/** Words on why there is no sandbox, and the next step. */
export function sandboxFailureWords(failure: SandboxFailure): string {
  const { reason, next } = SANDBOX_WORDS[failure]
  return `${reason} ${next}`
}

/** Words on an outcome that could not be stored, and the next step. */
export function notStoredWords(error: unknown): string {
  return isStorageFull(error)
    ? 'This result is not saved: the storage of the server is full. Next: keep what you need of it, and make room on the disk of the machine that the server runs on.'
    : 'This result could not be saved by the server. Next: keep what you need of it.'
}

/** Hint for a run of a former life that could not be taken up for want of room: its program may go on. */
export const NOT_TAKEN_UP =
  'The server was restarted and has no room to take this run up again, so what became of it is not known yet. Next: make room on the disk of the machine that the server runs on, then look at the run again.'
