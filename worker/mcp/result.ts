/** A run's outcome as a tool result: a text, the files as content, and the same facts as data. */
import type { CallToolResult } from '@modelcontextprotocol/server'
import { isUnderWay, type ShownOutcome } from '../run/outcome.ts'
import { shownText } from '../learning/quote.ts'
import { attachFiles, type FileSource } from './attachments.ts'
import { jsonBytes, MAX_RESULT_BYTES } from './result-size.ts'
import { type ResultContent, toolResult } from './tool-result.ts'

/** Distributions that the text of a result names. */
const MAX_INSTALLED_NAMES = 40
/** Characters of a file's name in the text; the data has it whole. */
const MAX_NAME_CHARS = 300

/** Bytes of a result for what is said of its files: links, reasons, and what the text says beside the outcome's own words. */
const REST_BYTES = 150_000

/** The outcome with the files that the run made or changed, which is its data. */
export async function runResult(ended: ShownOutcome, files: FileSource): Promise<CallToolResult> {
  const { content, outcome } = await shownRun(ended, files)
  return toolResult(content, outcome, hasFailed(outcome))
}

/** A failing program is an error; one that has not ended is none. */
export function hasFailed({ status }: ShownOutcome): boolean {
  return status !== 'success' && !isUnderWay(status)
}

/** The outcome with what became of its files, and what a model sees of both. */
export async function shownRun(
  ended: ShownOutcome,
  files: FileSource,
): Promise<{ content: Exclude<ResultContent, string>; outcome: ShownOutcome }> {
  // Output, error and file names stand there twice: in the text and in the data.
  const room = MAX_RESULT_BYTES - 2 * jsonBytes(ended) - REST_BYTES
  const attached = await attachFiles(ended, files, room)
  const outcome = { ...ended, files: attached.files, omitted: [...ended.omitted, ...attached.omitted] }
  return { content: [{ type: 'text', text: outcomeText(outcome, attached.shown) }, ...attached.content], outcome }
}

/** Output first, then one line of facts, then what may help. */
function outcomeText(outcome: ShownOutcome, shown: string[]): string {
  const parts: string[] = []
  if (outcome.stdout !== '') parts.push(outcome.stdout.replace(/\n$/, ''))
  if (outcome.stderr !== '') parts.push(`[stderr]\n${outcome.stderr.replace(/\n$/, '')}`)
  parts.push(`[${facts(outcome).join(' · ')}]`)
  if (outcome.error && !outcome.stderr.includes(outcome.error.message)) {
    parts.push(`${outcome.error.type}: ${outcome.error.message}`)
  }
  if (outcome.error?.frame) parts.push(outcome.error.frame)
  if (outcome.installed_packages.length > 0) parts.push(installedLine(outcome.installed_packages))
  for (const file of outcome.files) {
    const facts = file.bytes === null ? '' : ` (${file.bytes} bytes, ${file.mime}) ${file.uri}`
    const shared = file.shared === true ? ', perhaps by another run that was live' : ''
    parts.push(`File ${file.change}${shared}: ${named(file.path)}${facts}`)
    if (file.download_url !== undefined) parts.push(`  Download, for an hour: ${file.download_url}`)
  }
  if (shown.length > 0) parts.push(`Attached, in this order: ${shown.map(named).join(', ')}`)
  for (const { path, reason } of outcome.omitted)
    parts.push(`Left out: ${[named(path), reason].filter(Boolean).join(': ')}`)
  for (const [index, attempt] of (outcome.attempts ?? []).entries()) {
    const { run_id, status, error, reason, waited_ms } = attempt
    const waited = index === 0 ? '' : `, after a wait of ${(waited_ms / 1000).toFixed(1)} s`
    const cause = error === null ? '' : ` (${error.type})`
    parts.push(`Attempt ${index + 1}: ${status}${cause}, as ${reason}${waited}; ${run_id}`)
  }
  if (outcome.status === 'success' && outcome.learnings.length > 0) parts.push('Before you take this as done:')
  for (const { id, text, origin } of outcome.learnings) parts.push(`Learning ${id} (${origin}): ${text}`)
  for (const hint of outcome.hints) parts.push(`Hint: ${hint}`)
  return parts.join('\n')
}

/** The first ones by name; the data has all. */
export function installedLine(installed: string[]): string {
  const more = installed.length > MAX_INSTALLED_NAMES ? ` and ${installed.length - MAX_INSTALLED_NAMES} more` : ''
  return `Installed: ${installed.slice(0, MAX_INSTALLED_NAMES).join(', ')}${more}`
}

/** A program chooses its files' names: none may look like a line of this text. */
function named(path: string): string {
  return shownText(path, MAX_NAME_CHARS).replaceAll(/\s+/g, ' ')
}

function facts(outcome: ShownOutcome): string[] {
  const { status, exit_code, signal, usage, cut, bytes } = outcome
  return [
    status,
    ...(exit_code === null ? [] : [`exit code ${exit_code}`]),
    ...(signal === null ? [] : [signal]),
    ...(usage === null
      ? []
      : [
          `${(usage.wall_ms / 1000).toFixed(2)} s`,
          `CPU ${(usage.cpu_ms / 1000).toFixed(2)} s`,
          `${Math.round(usage.max_rss_bytes / 1024 ** 2)} MiB`,
        ]),
    ...(cut ? [`output cut: ${bytes.stdout} bytes stdout, ${bytes.stderr} bytes stderr`] : []),
    outcome.run_id,
  ]
}
