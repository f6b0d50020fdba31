/** What a run came to, in the bounded shape that clients see; and the fold from a run's events to it. */
import { z } from 'zod'
import { refusedHost } from './network/policy.ts'
import { INSTALL_FAILURES } from './failures/rule.ts'
import { fileChange, left, programError, type RunEvent, usage } from './protocol.ts'
import { PrintedPictures } from './output/printed-pictures.ts'
import { type Excerpt, ShownOutput } from './output/shown-output.ts'

/** Longest text for the model, in characters. */
const STDOUT_CHARS = 20_000
const STDERR_CHARS = 8_000
/** Most file changes that a result lists. */
const MAX_FILES = 100
/** Characters of their paths and URIs together. */
const MAX_FILE_CHARS = 40_000

const outcomeFile = fileChange.omit({ n: true, type: true }).extend({
  kind: z.enum(['image', 'text', 'resource']),
  uri: z.string().describe('Read it with resources/read.'),
  download_url: z.string().optional().describe('Give it to the user: works without a token for an hour.'),
})

const status = z.enum(['success', 'error', 'timeout', 'cancelled', 'lost'])

/** One of the runs that `run_with_retry` made of a program. */
const attempt = z.object({
  run_id: z.string(),
  status,
  error: programError.pick({ type: true, message: true, line: true }).nullable(),
  reason: z.string().describe('Why it ended so.'),
  waited_ms: z.int().describe('Milliseconds between the attempt before and this one.'),
})

/** What a run came to, for models and programs: always whole, always bounded. */
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

/** A run as it is shown: also one that has not ended, with what it has come to until now. */
export const shownOutcome = runOutcome.extend({ status: z.enum([...status.options, 'queued', 'running']) })
export type ShownOutcome = z.infer<typeof shownOutcome>

export function isUnderWay(status: ShownOutcome['status']): boolean {
  return status === 'queued' || status === 'running'
}

/** Why the platform did not start a program; null when it did. No program can look like this: its end has an exit code or a signal. */
export function whyNotStarted({ status, exit_code, signal, error }: ShownOutcome): string | null {
  return status === 'error' && exit_code === null && signal === null && error !== null ? error.message : null
}

/** Collects one attempt's events. `outcome` may be asked for at any time: without an `exit` the run is lost. */
export class OutcomeFold {
  readonly #stdout = new ShownOutput('stdout', STDOUT_CHARS)
  readonly #stderr = new ShownOutput('stderr', STDERR_CHARS)
  readonly #pictures = { stdout: new PrintedPictures(), stderr: new PrintedPictures() }
  readonly #files: RunOutcome['files'] = []
  #fileChars = 0
  readonly #fileCounts = { created: 0, changed: 0, deleted: 0 }
  #omittedFiles = 0
  #exit: Extract<RunEvent, { type: 'exit' }> | undefined
  #seenBytes = { stdout: 0, stderr: 0 }

  add(event: RunEvent): void {
    switch (event.type) {
      case 'stdout':
      case 'stderr': {
        const shown = event.type === 'stdout' ? this.#stdout : this.#stderr
        const pictures = this.#pictures[event.type]
        if (event.skipped !== undefined) shown.add(pictures.end())
        shown.add(pictures.add(event.text), event.skipped)
        this.#seenBytes[event.type] += new TextEncoder().encode(event.text).length + (event.skipped ?? 0)
        return
      }
      case 'file': {
        const { path, change, bytes, mime, shared } = event
        const uri = fileUri(path)
        this.#fileCounts[change]++
        const chars = this.#fileChars + path.length + uri.length
        if (this.#files.length >= MAX_FILES || chars > MAX_FILE_CHARS) {
          this.#omittedFiles++
          return
        }
        this.#fileChars = chars
        this.#files.push({ path, change, bytes, mime, kind: fileKind(mime), uri, ...(shared && { shared }) })
        return
      }
      case 'exit':
        this.#exit = event
        return
      case 'started':
        if (event.paths !== undefined) this.#stdout.paths = this.#stderr.paths = event.paths
        return
      case 'heartbeat':
        return
    }
  }

  /** The exit event, once it has come. */
  get exit(): Extract<RunEvent, { type: 'exit' }> | undefined {
    return this.#exit
  }

  /** Pictures that were printed as base64 and are not shown. */
  get picturesAsText(): number {
    return this.#pictures.stdout.count + this.#pictures.stderr.count
  }

  /** Whether running it again might do something twice. */
  get didAnything(): boolean {
    // Where not every file was looked at, one may have been changed.
    return (
      this.#seenBytes.stdout > 0 ||
      this.#files.length > 0 ||
      this.#exit?.files_cut === true ||
      this.#exit?.connected === true
    )
  }

  outcome(run_id: string, executor: ExecutorName): RunOutcome {
    const exit = this.#exit
    const stdout = this.#stdout.shown()
    const stderr = this.#stderr.shown()
    const errors = stderr.text + this.#pictures.stderr.pending
    const isLoop = exit?.error?.type === 'SpawnLoop'
    const omitted = []
    const isListPart = this.#omittedFiles > 0
    if (isListPart) omitted.push({ path: '', reason: notListedWords(this.#omittedFiles) })
    if (exit?.files_cut === true) omitted.push({ path: '', reason: 'the workspace is too large to look at every file' })
    return {
      run_id,
      status: exit?.status ?? 'lost',
      exit_code: exit?.exit_code ?? null,
      signal: exit?.signal ?? null,
      executor,
      stdout: stdout.text + this.#pictures.stdout.pending,
      stderr: isLoop ? beforeWorkers(errors) : errors,
      bytes: exit?.bytes ?? this.#seenBytes,
      cut: exit?.cut === true || stdout.isCut || stderr.isCut,
      // Nothing that a loop left out is worth another call: each of its workers says the same.
      ...(stdout.isCut || (stderr.isCut && !isLoop) ? { left_out: leftOut(stdout, stderr) } : {}),
      error: exit?.error ? withoutModule(exit.error) : null,
      hints: [],
      learnings: [],
      installed_packages: exit?.installed ?? [],
      files: this.#files,
      ...(isListPart && { file_counts: this.#fileCounts }),
      omitted,
      ...(exit?.left !== undefined && { left: exit.left }),
      usage: exit?.usage ?? null,
    }
  }
}

/** That the list of files is not whole. */
export function notListedWords(count: number): string {
  const limits = `limits: ${MAX_FILES} files, ${MAX_FILE_CHARS} characters of paths`
  return `${count} more changed files are not listed (${limits})`
}

/** Lines of the tool `runs` are those of both streams. */
function leftOut(stdout: Excerpt, stderr: Excerpt): NonNullable<RunOutcome['left_out']> {
  const [only, other] = stdout.isCut ? [stdout, stderr] : [stderr, stdout]
  return {
    from_line: other.text === '' ? only.wholeLines + 1 : null,
    within_line: only.isCutInLine,
    dropped_bytes: stdout.skippedBytes + stderr.skippedBytes,
  }
}

/** What was printed before the first of many workers failed in one and the same way, which the error names. */
function beforeWorkers(stderr: string): string {
  const at = stderr.indexOf('Traceback (most recent call last):')
  return at < 0 ? stderr : `${stderr.slice(0, at)}[… the tracebacks of its workers are left out …]\n`
}

function withoutModule({ type, message, line, frame, facts }: z.infer<typeof programError>): RunOutcome['error'] {
  return { type, message, line, frame, ...(facts && { facts }) }
}

/** `codemode://files/…`, each path segment percent-encoded. */
export function fileUri(path: string): string {
  return `codemode://files/${path.split('/').map(encodeURIComponent).join('/')}`
}

const IMAGE_TYPES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp'])

function fileKind(mime: string | null): 'image' | 'text' | 'resource' {
  if (mime === null) return 'resource'
  if (IMAGE_TYPES.has(mime)) return 'image'
  return isTextType(mime) ? 'text' : 'resource'
}

export function isTextType(mime: string): boolean {
  return (
    mime.startsWith('text/') ||
    /^application\/(json|x-ndjson|xml|javascript|yaml|toml|sql|x-sh|x-tex|x-subrip)$/.test(mime)
  )
}
