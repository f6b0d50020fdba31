/** The `runs` tool: past runs, and those in the background. */
import type { CallToolResult, McpServer } from '@modelcontextprotocol/server'
import * as z from 'zod'
import { MAX_RUN_SEARCH_CHARS, RUN_ID, type RunQuery, runStatus } from '../../run/contract/history.ts'
import { isUnderWay, type ShownOutcome } from '../../run/contract/outcome.ts'
import { toolArguments } from '../arguments/arguments.ts'
import { boundedText } from '../arguments/bounded-text.ts'
import { follow } from '../follow.ts'
import { runSummary } from '../results/receipt.ts'
import { hasFailed, shownRun } from '../results/result.ts'
import { OUTPUT_LINES, runOutput } from '../results/run-output.ts'
import { runListResult } from '../results/run-list.ts'
import { withNextStep } from '../call-program.ts'
import type { Caller, ShownRun } from '../caller.ts'
import { refusedResult, type ResultContent, toolResult } from '../results/tool-result.ts'
import type { ToolMeta } from '../view.ts'

/** Most runs, or lines of output, in one answer; then the runs by default. */
const MAX_LISTED = 200
const LISTED = 20
/** More runs than there can be. */
const SEARCHED = 250
/** Seconds. Clients give up on a call after 60. */
const MAX_WAIT_S = 50
const DEFAULT_WAIT_S = 30

const runId = boundedText(18).refine((id) => RUN_ID.test(id), {
  error: 'is no run_id. Next: give one as it was returned, such as r_0123456789abcdef, or leave it out.',
})

/** More lines than a run's kept output has. */
const MAX_LINE = 9_999_999

const inputSchema = toolArguments({
  action: z.enum(['list', 'wait', 'cancel', 'output']).default('list'),
  run_id: runId.optional().describe('Default: the only one under way.'),
  wait_s: z.number().min(0).max(MAX_WAIT_S).default(DEFAULT_WAIT_S),
  from_line: z
    .int()
    .min(-MAX_LINE)
    .max(MAX_LINE)
    .refine((line) => line !== 0, { error: 'counts from 1, or from -1 at the end. Next: give one of those.' })
    .default(1)
    .describe('-9: the last 9.'),
  search: boundedText(MAX_RUN_SEARCH_CHARS, 'search for fewer words').default(''),
  status: runStatus.optional(),
  before: runId.optional(),
  limit: z.int().min(1).max(MAX_LISTED).optional().describe('Runs or lines.'),
})

export function registerRuns(server: McpServer, caller: Caller, _meta?: ToolMeta): void {
  server.registerTool(
    'runs',
    {
      title: 'Follow runs',
      description: `Past and background runs. list: newest first; search: words of description, program, error. \
wait: for one's end, at most wait_s; returns its result or output so far. cancel: ends one. output: all that it printed, by lines.`,
      inputSchema,
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
      ...(_meta && { _meta }),
    },
    async ({ action, run_id, wait_s, from_line, limit, ...query }, { mcpReq }) => {
      if (action === 'list') return listed(caller, { ...query, limit: limit ?? LISTED, id: run_id })
      const unused = listOnly(query)
      if (unused !== null) return refusedResult(unused)
      const found = find(caller, run_id)
      if (typeof found === 'string') return refusedResult(found)
      const { id } = found
      if (action === 'output') return runOutput(caller, found, from_line, limit ?? OUTPUT_LINES)
      const run = caller.followRun(id)
      if (action === 'cancel') {
        await caller.cancelRun(id)
        return cancelled(caller, caller.findRun(id) ?? found, run !== null)
      }
      if (run !== null) await follow(run, wait_s, mcpReq, () => caller.clientReady())
      return followed(caller, caller.findRun(id) ?? found)
    },
  )
}

/** The run that is meant, or the reason why it is not clear. */
function find(caller: Caller, id: string | undefined): ShownRun | string {
  if (id !== undefined) return caller.findRun(id) ?? unknownRun(id)
  const { runs } = caller.listRuns({ limit: SEARCHED }) ?? { runs: [] }
  const [first, ...others] = runs.filter(({ status }) => isUnderWay(status))
  if (first === undefined) {
    return 'No run is under way. Next: start one with run_python and background: true, or give the run_id of one that has ended.'
  }
  if (others.length > 0) {
    return `${others.length + 1} runs are under way. Next: give the run_id of one: ${[first, ...others].map(({ id }) => id).join(', ')}.`
  }
  return caller.findRun(first.id) ?? 'The run has just been forgotten. Next: call runs with action "list".'
}

function unknownRun(id: string): string {
  return `There is no run ${id}; old ones are forgotten. Next: call runs with action "list" to see which there are.`
}

function listed(caller: Caller, query: RunQuery): CallToolResult {
  const page = caller.listRuns(query)
  return page === null ? refusedResult(unknownRun(query.before ?? '')) : runListResult(page, query, Date.now())
}

/** The reason why arguments of a list are refused where there is none, or null. */
function listOnly({ search = '', status, before }: Omit<RunQuery, 'limit'>): string | null {
  return search === '' && status === undefined && before === undefined
    ? null
    : 'search, status and before belong to action "list". Next: leave them out and give the run_id that is meant.'
}

async function followed(caller: Caller, run: ShownRun): Promise<CallToolResult> {
  if (run.outcome === null) return unreadable(run)
  const { content, outcome } = await shownRun(withNextStep(run.outcome), caller)
  return about(run, content, outcome, hasFailed(outcome))
}

async function cancelled(caller: Caller, run: ShownRun, wasLive: boolean): Promise<CallToolResult> {
  if (run.outcome === null) return unreadable(run)
  const words = isUnderWay(run.status)
    ? `${run.id} is being ended. Next: call runs with action "wait" to see its end.`
    : wasLive
      ? `${run.id} has ended (${run.status}).`
      : `${run.id} had ended before (${run.status}): there was nothing to cancel.`
  const { content, outcome } = await shownRun(run.outcome, caller)
  const [first, ...files] = content
  return about(run, [{ type: 'text', text: `${words}\n${first.text}` }, ...files], outcome)
}

function about(run: ShownRun, content: ResultContent, outcome: ShownOutcome | null, isError = false): CallToolResult {
  return toolResult(content, { runs: [runSummary(run)], outcome }, isError)
}

/** Answer for an outcome that another version of this server stored. */
function unreadable(run: ShownRun): CallToolResult {
  const text = `${run.id} ended (${run.status}); its details cannot be read any more.`
  return about(run, text, null)
}
