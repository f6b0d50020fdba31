/** Answers of tools as the view takes them. A host may leave out `_meta`, and repeat what an older server said. */
import type { Status } from '../../data/run-data.ts'

export interface ToolResult {
  content?: Block[]
  isError?: boolean
  _meta?: Record<string, unknown>
}

interface Block {
  type: string
  text?: string
  data?: string
  mimeType?: string
}

/** What is shown of an outcome. */
export interface Outcome {
  run_id: string | null
  status: Status | null
  stdout: string
  stderr: string
  cut: boolean
  /** Milliseconds, when it has ended. */
  took: number | null
  error: { type: string; message: string; line: number | null; frame: string | null } | null
  hints: string[]
  /** The runs of a program that was run again. */
  attempts: string[]
  files: { path: string; change: string; bytes: number | null }[]
  /** Texts and pictures of files. */
  texts: string[]
  pictures: { type: string; data: string }[]
}

const STATUSES: Status[] = ['queued', 'running', 'success', 'error', 'timeout', 'cancelled', 'lost']
/** Pictures that models get, and browsers show. */
const PICTURES = /^image\/(?:png|jpeg|gif|webp)$/

export function outcomeOf({ content = [], isError = false, _meta = {} }: ToolResult): Outcome {
  const [said = '', ...texts] = content.flatMap(({ type, text }) =>
    type === 'text' && text !== undefined ? [text] : [],
  )
  const pictures = content.flatMap(({ type, data = '', mimeType = '' }) =>
    type === 'image' && PICTURES.test(mimeType) ? [{ type: mimeType, data }] : [],
  )
  const data = objectOf(_meta['codemode/data'])
  // The answer of the tool `runs` has it beside the run.
  const told = 'outcome' in data ? objectOf(data['outcome']) : data
  const shown = typeof told['run_id'] === 'string' ? ofData(told) : ofText(said, isError)
  return { ...shown, texts, pictures }
}

type Told = Omit<Outcome, 'texts' | 'pictures'>

function ofData(data: Record<string, unknown>): Told {
  const { wall_ms } = objectOf(data['usage'])
  const error = objectOf(data['error'])
  const { line, frame } = error
  return {
    run_id: textOf(data['run_id']),
    status: statusOf(data['status']),
    stdout: textOf(data['stdout']),
    stderr: textOf(data['stderr']),
    cut: data['cut'] === true,
    took: typeof wall_ms === 'number' ? wall_ms : null,
    error:
      typeof error['type'] === 'string'
        ? {
            type: error['type'],
            message: textOf(error['message']),
            line: typeof line === 'number' ? line : null,
            frame: typeof frame === 'string' ? frame : null,
          }
        : null,
    hints: listOf(data['hints']).map((hint) => textOf(hint)),
    attempts: listOf(data['attempts']).map((attempt) => textOf(objectOf(attempt)['run_id'])),
    files: listOf(data['files']).map((file) => {
      const { path, change, bytes } = objectOf(file)
      return { path: textOf(path), change: textOf(change), bytes: typeof bytes === 'number' ? bytes : null }
    }),
  }
}

/** Of the text for models: `[success · 0.53 s · r_…]`, then our lines, then the output. */
function ofText(said: string, isError: boolean): Told {
  const [, facts = ''] = /^\[([^\]\n]*)\]/.exec(said) ?? []
  const run_id = /\br_[0-9a-f]{16}$/.exec(facts)?.[0] ?? null
  const none = { stdout: '', stderr: '', cut: false, took: null, error: null, hints: [], attempts: [], files: [] }
  if (run_id === null) return { ...none, run_id, status: isError ? 'error' : null, hints: said === '' ? [] : [said] }
  const rest = said.slice(facts.length + 2)
  const at = /\n(?:Output|Stderr):(?:\n|$)/.exec(rest)
  const hints = (at === null ? rest : rest.slice(0, at.index)).split('\n').filter((line) => line !== '')
  const stdout = at === null ? '' : rest.slice(at.index + at[0].length)
  return { ...none, run_id, status: statusOf(facts.split(' · ')[0]), stdout, hints }
}

function statusOf(value: unknown): Status | null {
  return STATUSES.find((status) => status === value) ?? null
}

export function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
