/** A run's outcome as a tool result: a text, the files as content, and the same facts as data. */
import type { CallToolResult } from '@modelcontextprotocol/server'
import { isUnderWay, type ShownOutcome } from '../../run/contract/outcome.ts'
import type { FileSource } from '../caller.ts'
import { attachFiles } from './attachments.ts'
import { jsonBytes, MAX_RESULT_BYTES } from './size.ts'
import { outcomeText } from './text.ts'
import { type ResultContent, toolResult } from './tool-result.ts'

/** Bytes of a result for words about its files: links, reasons, and the text beside the outcome's own words. */
const REST_BYTES = 150_000

/** The outcome with its data: the files that the run made or changed. */
export async function runResult(ended: ShownOutcome, files: FileSource): Promise<CallToolResult> {
  const { content, outcome } = await shownRun(ended, files)
  return toolResult(content, outcome, hasFailed(outcome))
}

/** Returns whether a program failed; one that has not ended has not. */
export function hasFailed({ status }: ShownOutcome): boolean {
  return status !== 'success' && !isUnderWay(status)
}

/** The outcome with the fate of its files, and the content of both for a model. */
export async function shownRun(
  ended: ShownOutcome,
  files: FileSource,
): Promise<{ content: Exclude<ResultContent, string>; outcome: ShownOutcome }> {
  // Output, error and file names stand in the result twice: in the text and in the data.
  const room = MAX_RESULT_BYTES - 2 * jsonBytes(ended) - REST_BYTES
  const attached = await attachFiles(ended, files, room)
  const outcome = { ...ended, files: attached.files, omitted: [...ended.omitted, ...attached.omitted] }
  return { content: [{ type: 'text', text: outcomeText(ended, attached) }, ...attached.content], outcome }
}
