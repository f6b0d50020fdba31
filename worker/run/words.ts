/** Outcomes and platform errors in words, each with the next step. Nothing else in the Worker words them. */
import { quote } from '../learning/quote.ts'
import { isKeptFrom } from './program/check-notes.ts'
import { explain } from './failures/explain.ts'
import type { Known } from './failures/failure.ts'
import { type InstallFailure, installFailure } from './packages/installer-output.ts'
import type { NetworkPolicy, RefusedHost } from './network/policy.ts'
import { refusedHostsHints } from './network/words.ts'
import { unknownPackage } from './packages/optional-dependency.ts'
import type { CheckNote, ExitEvent, Reading, WorkspaceUse } from './protocol.ts'
import type { ExecutorName, RunOutcome, ShownOutcome } from './outcome.ts'
import { looksLikeWords, nothingWords } from './program/taken.ts'
import { isStorageFull, STORAGE_FULL } from './storage-full.ts'
import { RunnerError, type SandboxFailure, type Unsaved, type WorkspaceNews } from './runner.ts'
import { shownHints } from './output/shown-hints.ts'
import { MAX_TIMEOUT_S } from '../settings/settings.ts'

export interface HintContext {
  /** Sentences about installations before it started that were refused or failed. */
  explanations: readonly string[]
  /** The same for what it asked for when it failed. */
  late: readonly string[]
  /** Sentences about the workspace, and about packages that were installed, for every outcome. */
  about: readonly string[]
  /** What it was kept from while it ran. */
  refused_hosts: readonly RefusedHost[]
  /** What reading the program told. */
  notes: readonly CheckNote[]
  network: NetworkPolicy
  /** Null: not known any more. */
  has_stdin: boolean | null
  timeout_s: number
  over_quota: ExitEvent['over_quota']
  /** Pictures that were printed as base64. */
  pictures_as_text: number
  /** As what the program was taken, when that is known. */
  reading?: Reading | undefined
  /** Every file was looked at after the run. */
  sawAllFiles: boolean
}

/** What may help the caller after this outcome; empty for a plain success. A failure is explained once. */
export function hintsFor(outcome: RunOutcome, context: HintContext): string[] {
  const hints = [...context.about]
  if (context.over_quota !== undefined) hints.push(quotaHint(context.over_quota))
  hints.push(...shownHints(outcome))
  if (context.pictures_as_text > 0) hints.push(PICTURES_AS_TEXT)
  if (outcome.status !== 'timeout' && outcome.left !== undefined) hints.push(leftHint(outcome.left))
  return [...hints, ...reasons(outcome, context)]
}

/** Why it ended as it did, from the first source that knows. */
function reasons(outcome: RunOutcome, context: HintContext): string[] {
  const refused = refusedHostsHints(context.refused_hosts)
  switch (outcome.status) {
    case 'success':
      return showsNothing(outcome, context) ? [...refused, nothingWords(context.reading, context.sawAllFiles)] : refused
    case 'cancelled':
      return refused
    case 'timeout':
      return [...refused, explain(outcome, factsAround(outcome, context)) ?? timeoutHint(context.timeout_s)]
    case 'lost':
      return [`${lossOf(outcome)} ${FILES_OF_A_LOST_RUN[outcome.executor]} Next: call again.`]
    case 'error': {
      if (refused.length > 0) return refused
      if (context.over_quota !== undefined && outcome.error?.type === 'WorkspaceQuota') return []
      const otherwise = NO_PROGRAM.has(outcome.error?.type ?? '') ? looksLikeWords(context.reading) : []
      if (otherwise.length > 0) return otherwise
      const before = endedForAnImport(outcome) ? context.explanations : []
      const packages = new Set([...before, ...context.late])
      if (packages.size > 0) return [...packages]
      const explained = explain(outcome, factsAround(outcome, context))
      return explained === null ? [] : [explained]
    }
  }
}

/** Whether a success leaves its caller wondering: a cell that installs packages does not, nor does one that has made room. */
function showsNothing({ bytes, files }: RunOutcome, { reading, over_quota }: HintContext): boolean {
  const isSilent = bytes.stdout === 0 && bytes.stderr === 0 && files.length === 0
  return isSilent && over_quota === undefined && (reading?.specs ?? []).length === 0
}

const PICTURES_AS_TEXT =
  'A picture that is printed as base64 shows you nothing. Next: save it to a file, which comes back as a picture.'

/** How a text ends that is none of Python. */
const NO_PROGRAM = new Set(['SyntaxError', 'IndentationError', 'NameError'])

/** An error of another kind has nothing to do with a package that is not there. */
function endedForAnImport({ error }: RunOutcome): boolean {
  return error?.type === 'ModuleNotFoundError' || error?.facts?.['missing_module'] !== undefined
}

/** What the platform knows beside the exception. */
function factsAround({ executor, stdout, stderr, error }: RunOutcome, context: HintContext): Known {
  const { notes, network, has_stdin } = context
  const asks = notes.some(({ kind, what }) => kind === 'host' && what !== undefined && isKeptFrom(what, network))
  const installs = error?.facts?.['installs']
  const said = error?.facts?.['said']
  const output = typeof said === 'string' ? said : `${stdout}\n${stderr}`
  const wanted = error === null ? null : unknownPackage(error)
  return {
    executor,
    ...(wanted !== null && { wanted_package: wanted }),
    network: network.network,
    ...(has_stdin !== null && { stdin: has_stdin ? 'given' : 'none' }),
    ...(asks && { asked_host: 'public' }),
    ...(Array.isArray(installs) && { installer: installFailure(installs, output, 'it does not say why').reason }),
  }
}

function leftHint(left: NonNullable<RunOutcome['left']>): string {
  const named = left.map(({ name, port }) => (port === null ? quote(name, 60) : `${quote(name, 60)} (port ${port})`))
  const [it, was] = left.length === 1 ? ['it', 'was'] : ['they', 'were']
  return `${named.join(', ')} ${was} still running when the program ended, so ${it} ended as well: nothing outlives the program that starts it. Next: do what needs ${it === 'it' ? 'it' : 'them'} in the same program, or keep that program waiting and pass background: true.`
}

/** How a run was lost: a runner that has been told to end still says what its runs have used. */
function lossOf({ usage, executor }: RunOutcome): string {
  if (usage === null) return 'The runner ended in the middle of the run, so its result is unknown.'
  const stopped = executor === 'sandbox' ? 'The sandbox was stopped by the platform' : 'The server was stopped'
  return `${stopped} in the middle of the run, which was ended with it.`
}

const FILES_OF_A_LOST_RUN: Record<ExecutorName, string> = {
  local: 'Files that it had written are kept.',
  // Where its whole container ended, the disk went with it.
  sandbox: 'Files that were not saved yet may be gone, list them first.',
}

/** By what a run was doing when the server was restarted. */
export const NEVER_STARTED = {
  queued: 'The program was waiting in the queue when the server was restarted; nothing of it ran. Next: call again.',
  preparing:
    'The server was restarted while the program was being checked, or packages were being installed for it; nothing of it ran. Next: call again.',
}

/** A step of a run that has to wait for its container. */
export const STARTING_SANDBOX = 'Starting the sandbox …'
/** How long it may take. */
export const SANDBOX_START_MS = 120_000

const UNSAVED_WORDS: Record<Unsaved, string> = {
  too_large:
    'Files and packages are too large, or too many, to be saved, so the last changes are gone when the sandbox sleeps. Next: delete what is not needed, and fetch what you need now.',
  failed:
    'The last changes of files and packages could not be saved yet, which is tried again; until then they are gone if the sandbox ends.',
}

const EMPTIED =
  'This is a new sandbox, and the one before ended before anything in it had been saved: its files and packages are gone.'

/** What has happened to the workspace before a run. */
export function workspaceNotes({ restored_from, emptied, unsaved }: WorkspaceNews): string[] {
  const notes = unsaved === null ? [] : [UNSAVED_WORDS[unsaved]]
  if (restored_from !== null) return [restoredWords(restored_from), ...notes]
  return emptied ? [EMPTIED, ...notes] : notes
}

/** That the workspace is as it was saved at a time (ISO 8601, UTC). */
export function restoredWords(time: string): string {
  const when = time.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')
  return `This is a new sandbox: files and packages were restored as they had been saved at ${when}. Temporary files, and what was changed later, are gone.`
}

function timeoutHint(timeout_s: number): string {
  const longer = timeout_s < MAX_TIMEOUT_S ? `pass a larger timeout (at most ${MAX_TIMEOUT_S}), or ` : ''
  return `The program was stopped after ${timeout_s} s with everything it had started. Next: ${longer}do less in one call; files that it wrote are kept.`
}

/** `1.5 GiB of 4 GiB`; in bytes where rounding would make them equal. */
export function useWords({ bytes, at_least }: WorkspaceUse, limit: number): string {
  const exact = sizeWords(bytes) === sizeWords(limit) && bytes !== limit
  const [held, most] = exact ? [`${bytes} bytes`, `${limit} bytes`] : [sizeWords(bytes), sizeWords(limit)]
  return `${at_least ? 'at least ' : ''}${held} of ${most}`
}

/** `2 GiB`, `0.5 MiB`. */
export function sizeWords(bytes: number): string {
  const [unit, name] = bytes >= 1024 ** 3 ? [1024 ** 3, 'GiB'] : [1024 ** 2, 'MiB']
  return `${Number((bytes / unit).toFixed(2))} ${name}`
}

/** What programs cannot do in a full workspace, and how there is room again. */
export const FULL_WORKSPACE =
  'programs can read and delete, but write no files. Next: delete with a program what is not needed, or empty the workspace with configure (action "reset", key "workspace", value "yes")'

function quotaHint({ bytes, limit_bytes }: NonNullable<ExitEvent['over_quota']>): string {
  const held = useWords({ bytes, at_least: false }, limit_bytes)
  return bytes > limit_bytes
    ? `The workspace is full: files, packages, temporary files and caches take ${held}, so ${FULL_WORKSPACE}.`
    : `The workspace was full when the program started, so it could write no files; now there is room (${held}). Next: call again if it was to write any.`
}

/** The end of a run whose outcome was stored by another version of this server. */
export const UNREADABLE = 'It has ended; its details cannot be read any more. Next: run the program again.'

/** Why nobody knows how a run ended. */
export function lostWords({ hints }: Pick<ShownOutcome, 'hints'>): string {
  return hints.at(-1) ?? 'The run was lost with the server that ran it, so its result is unknown. Next: call again.'
}

/** How a run stands, in a sentence; `uri` is where its output can be read. */
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

/** Why an installation failed. */
export function installFailureWords(specs: readonly string[], { reason, next }: InstallFailure): string {
  return `Installing ${specs.join(', ')} failed: ${reason}. ${next}`.trimEnd()
}

/** Why a run could not be done at all, and what to do. Holds no addresses and no secrets. */
export function platformErrorWords(error: unknown): string {
  if (isStorageFull(error)) return STORAGE_FULL
  if (error instanceof NoExecutor || error instanceof Busy || error instanceof QuotaUsed) return error.message
  if (error instanceof RunnerError) {
    const sandbox = sandboxWords(error)
    if (sandbox !== null) return `${sandbox.reason} ${sandbox.program ?? 'Nothing of the program ran.'} ${sandbox.next}`
    switch (error.code) {
      case 'unreachable':
        return 'The Python runner did not answer. If the program had begun, it is being stopped. Next: start everything with "npm run dev" (locally), or look at what the program may have changed and call again in a few seconds.'
      case 'not_started':
        return 'The Python runner could not start the program; nothing of it ran. Next: call again.'
      case 'bad_request':
      case 'too_large':
      case 'quota':
        return `The program was not run: ${error.message}.`
      case 'busy':
        return 'The Python runner has too many live runs; nothing of the program ran. Next: call again in a few seconds.'
      case 'bad_answer':
      case 'conflict':
      case 'internal':
        return 'The Python runner failed, so it is not known whether the program ran. Next: look at what it may have changed before you call again, and at the runner’s log.'
      default:
        return 'The Python runner refused the program; nothing of it ran. Next: look at the runner’s log, and restart it.'
    }
  }
  return 'Something in the server failed, so the program’s result is unknown. Next: call again.'
}

/** Why the runner did not do something other than a run, and what to do. `unchanged`: what is as it was, as a sentence. */
export function requestErrorWords(error: unknown, unchanged: string): string {
  if (isStorageFull(error)) return STORAGE_FULL
  if (error instanceof NoExecutor || error instanceof Busy || error instanceof QuotaUsed) return error.message
  if (!(error instanceof RunnerError))
    return `Something in the server failed. Next: look at what is there, and call again.`
  const sandbox = sandboxWords(error)
  if (sandbox !== null) return `${sandbox.reason} ${unchanged} ${sandbox.next}`
  switch (error.code) {
    case 'unreachable':
      return `The Python runner cannot be reached. ${unchanged} Next: start everything with "npm run dev" (locally), or call again in a few seconds.`
    case 'bad_request':
    case 'conflict':
    case 'quota':
      return `${unchanged.replace(/\.$/, '')}: ${error.message.replace(/\.$/, '')}.`
    default:
      return `The Python runner refused it. ${unchanged} Next: call again, or look at the runner’s log.`
  }
}

/** The user has used up what the operator gives; the message says what to do. */
export class QuotaUsed extends Error {
  override readonly name = 'QuotaUsed'
  /** Seconds until there is something again. */
  readonly retryAfterS: number
  constructor(message: string, retryAfterS: number) {
    super(message)
    this.retryAfterS = retryAfterS
  }
}

/** Why there is no sandbox, and the next step. */
interface SandboxWords {
  reason: string
  /** What has become of the program that was to run; nothing of it ran when that is not said. */
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

/** Why there is no sandbox, and the next step; null when the error says something else. */
export function sandboxFailureWords(error: RunnerError): string | null {
  const words = sandboxWords(error)
  return words && `${words.reason} ${words.next}`
}

function sandboxWords({ code }: RunnerError): SandboxWords | null {
  return Object.entries(SANDBOX_WORDS).find(([failure]) => failure === code)?.[1] ?? null
}

/** There is nothing to run programs in, or not what the setting `execution_mode` asks for. */
export class NoExecutor extends Error {
  override readonly name = 'NoExecutor'

  /** This server has nothing at all. */
  static atAll(): NoExecutor {
    return new NoExecutor(
      'This server has no Python runner: neither RUNNER_URL nor a sandbox is configured. Next: stop it and start it with "npm run dev", which starts the runner as well.',
    )
  }

  /** It cannot keep to the user's network policy. */
  static ofNetwork(network: string, reason: string): NoExecutor {
    return new NoExecutor(
      `The setting network is "${network}", which this server cannot keep to: ${reason}. Next: call configure with the action "reset" and the key "network".`,
    )
  }

  /** It has the other one. */
  static ofMode(wanted: ExecutorName): NoExecutor {
    const reason =
      wanted === 'sandbox'
        ? 'it runs programs on its own machine and has no sandbox'
        : 'it runs programs in its sandbox and has no local runner'
    return new NoExecutor(
      `The setting execution_mode is "${wanted}", which this server cannot do: ${reason}. Next: call configure with the action "reset" and the key "execution_mode".`,
    )
  }
}

/** Every place is taken and the queue is full. */
export class Busy extends Error {
  override readonly name = 'Busy'
  constructor(running: number, queued: number) {
    super(
      `Busy: ${running} programs or installations are running and ${queued} are waiting. Next: wait for one to end, or cancel one, then call again.`,
    )
  }
}
