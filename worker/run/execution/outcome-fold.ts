/** The fold from a run's events to its outcome. */
import type { ExecutorName, RunOutcome } from '../contract/outcome.ts'
import type { RunEvent } from '../contract/protocol.ts'
import type { ProgramError } from '../contract/program-error.ts'
import { PrintedPictures } from '../output/printed-pictures.ts'
import { type Excerpt, ShownOutput } from '../output/shown-output.ts'

/** Longest text for the model, in characters. */
const STDOUT_CHARS = 20_000
const STDERR_CHARS = 8_000
/** Most file changes that a result lists. */
const MAX_FILES = 100
/** Characters of their paths and URIs together. */
const MAX_FILE_CHARS = 40_000

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
      case 'usage':
      case 'heartbeat':
        return
    }
  }

  /** The exit event, once it has come. */
  get exit(): Extract<RunEvent, { type: 'exit' }> | undefined {
    return this.#exit
  }

  /** Number of pictures that were printed as base64 and are not shown. */
  get picturesAsText(): number {
    return this.#pictures.stdout.count + this.#pictures.stderr.count
  }

  /** Returns whether running it again might do something twice. */
  get didAnything(): boolean {
    // An incomplete look at the files may have missed a change.
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
      // The repetitions of a loop are not worth another call: each of its workers says the same.
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

/** Words on an incomplete list of files. */
export function notListedWords(count: number): string {
  const limits = `limits: ${MAX_FILES} files, ${MAX_FILE_CHARS} characters of paths`
  return `${count} more changed files are not listed (${limits})`
}

/** Lines are counted as the tool `runs` does: those of both streams. */
function leftOut(stdout: Excerpt, stderr: Excerpt): NonNullable<RunOutcome['left_out']> {
  const [only, other] = stdout.isCut ? [stdout, stderr] : [stderr, stdout]
  return {
    from_line: other.text === '' ? only.wholeLines + 1 : null,
    within_line: only.isCutInLine,
    dropped_bytes: stdout.skippedBytes + stderr.skippedBytes,
  }
}

/** Output before the first of many workers failed in one and the same way, which the error names. */
function beforeWorkers(stderr: string): string {
  const at = stderr.indexOf('Traceback (most recent call last):')
  return at < 0 ? stderr : `${stderr.slice(0, at)}[… the tracebacks of its workers are left out …]\n`
}

function withoutModule({ type, message, line, frame, facts }: ProgramError): RunOutcome['error'] {
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
