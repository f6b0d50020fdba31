/** A run's output, page by page: the action "output" of the tool `runs`. */
import type { CallToolResult } from '@modelcontextprotocol/server'
import { isUnderWay } from '../../run/contract/outcome.ts'
import { type OutputPage, outputPage } from '../../run/output/page.ts'
import { runSummary } from './receipt.ts'
import type { Caller, ShownRun } from '../caller.ts'
import { refusedResult, toolResult } from './tool-result.ts'

/** Lines of one answer by default; its characters are bounded as well. */
export const OUTPUT_LINES = 200

/** `from`: a line's number from 1, or from the end when it is negative. */
export async function runOutput(caller: Caller, run: ShownRun, from: number, count: number): Promise<CallToolResult> {
  const { id } = run
  const start = from > 0 ? from : Math.max(1, 1 + from + (await outputPage(caller.runOutput(id), 1, 0)).total)
  const page = await outputPage(caller.runOutput(id), start, count)
  if (page.total === 0) return nothing(run)
  if (page.from > page.total) {
    const words = `${id} has printed ${lines(page.total)}. Next: give a from_line up to that, or a negative one to count from the end.`
    return refusedResult(words)
  }
  return toolResult(pageText(run, page), { runs: [runSummary(run)], outcome: null, output: page })
}

function pageText({ id, status }: ShownRun, { text, from, to, total }: OutputPage): string {
  const soFar = isUnderWay(status) ? ' so far' : ''
  const next = to < total ? [`Next: from_line ${to + 1} for what follows.`] : []
  return [`[${status} · lines ${from}–${to} of ${total}${soFar} · ${id}]`, ...next, 'Output:', text].join('\n')
}

function nothing(run: ShownRun): CallToolResult {
  const { id, status, outcome } = run
  const printed = outcome === null ? 0 : outcome.bytes.stdout + outcome.bytes.stderr
  const words = isUnderWay(status)
    ? `${id} has printed nothing so far. Next: call runs with action "wait".`
    : printed > 0
      ? `The output of ${id} is no longer kept. Next: run the program again, and let it write to a file.`
      : `${id} printed nothing.`
  return toolResult(words, { runs: [runSummary(run)], outcome: null })
}

function lines(count: number): string {
  return count === 1 ? '1 line' : `${count} lines`
}
