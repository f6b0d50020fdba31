/** A run's outcome as a tool result: a text, the files as content, and the same facts as data. */
import type { CallToolResult } from '@modelcontextprotocol/server'
import { isUnderWay, type ShownOutcome } from '../../run/contract/outcome.ts'
import type { FileSource } from '../caller.ts'
import { attachFiles } from './attachments.ts'
import { jsonBytes, MAX_RESULT_BYTES } from './size.ts'
import { outcomeText } from './text.ts'
import { type ResultContent, toolResult } from './tool-result.ts'

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
  return { content: [{ type: 'text', text: outcomeText(ended, attached) }, ...attached.content], outcome }
}
