/** The `runs` tool: past runs, and those that go on in the background. */
import type { CallToolResult, McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { ListedRun } from '../../run/history.ts'
import { isUnderWay, type ShownOutcome } from '../../run/outcome.ts'
import { toolArguments } from '../arguments.ts'
import { boundedText } from '../bounded-text.ts'
import { follow } from '../follow.ts'
import { runSummary } from '../receipt.ts'
import { hasFailed, shownRun } from '../result.ts'
import type { Caller, ShownRun } from '../server.ts'
import { refusedResult, type ResultContent, toolResult } from '../tool-result.ts'
import { withNextStep } from './start-run.ts'

/** Runs that one answer lists. */
const LISTED = 20
/** More than there can be. */
const SEARCHED = 250
/** Seconds. Clients give up on a call after 60. */
const MAX_WAIT_S = 50
const DEFAULT_WAIT_S = 30

const inputSchema = toolArguments({
  action: z.enum(['list', 'wait', 'cancel']),
  run_id: boundedText(18)
    .regex(
      /^r_[0-9a-f]{16}$/,
      'is no run_id. Next: give one as it was returned, such as r_0123456789abcdef, or leave it out.',
    )
    .optional()
    .describe('May be left out when a single run is under way.'),
  wait_s: z.number().min(0).max(MAX_WAIT_S).default(DEFAULT_WAIT_S).describe('Seconds; 0 only looks.'),
})

export function registerRuns(server: McpServer, caller: Caller): void {
  server.registerTool(
    'runs',
    {
      title: 'Follow runs',
      description: `Follows runs, also in the background. list: the latest ${LISTED}. wait: for the end of one, or for wait_s; returns its \
result, or its output so far. cancel: ends one with all its processes; its output is kept.`,
      inputSchema,
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
    },
    async ({ action, run_id, wait_s }, { mcpReq }) => {
      if (action === 'list') return listed(caller.listRuns({ limit: LISTED })?.runs ?? [])
      const found = find(caller, run_id)
      if (typeof found === 'string') return refusedResult(found)
      const { id } = found
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

/** The run that is meant, or why it is not clear. */
function find(caller: Caller, id: string | undefined): ShownRun | string {
  if (id !== undefined) {
    return (
      caller.findRun(id) ??
      `There is no run ${id}; old ones are forgotten. Next: call runs with action "list" to see which there are.`
    )
  }
  const [first, ...others] = (caller.listRuns({ limit: SEARCHED })?.runs ?? []).filter(({ status }) =>
    isUnderWay(status),
  )
  if (first === undefined) {
    return 'No run is under way. Next: start one with run_python and background: true, or give the run_id of one that has ended.'
  }
  if (others.length > 0) {
    return `${others.length + 1} runs are under way. Next: give the run_id of one: ${[first, ...others].map(({ id }) => id).join(', ')}.`
  }
  return caller.findRun(first.id) ?? 'The run has just been forgotten. Next: call runs with action "list".'
}

function listed(runs: ListedRun[]): CallToolResult {
  const shown = runs.map(runSummary)
  const lines = shown.map(({ run_id, status, objective, created_at }) =>
    [run_id, status, created_at.slice(0, 19) + 'Z', ...(objective === '' ? [] : [JSON.stringify(objective)])].join(
      ' · ',
    ),
  )
  const underWay = shown.filter(({ status }) => isUnderWay(status)).length
  const next =
    underWay === 0 ? [] : [`${underWay} under way. Next: call runs with action "wait" or "cancel" and a run_id.`]
  const text = lines.length === 0 ? 'No runs yet. Next: run_python.' : [...lines, ...next].join('\n')
  return toolResult(text, { runs: shown, outcome: null })
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

/** Its outcome was stored by another version of this server. */
function unreadable(run: ShownRun): CallToolResult {
  const text = `${run.id} ended (${run.status}); its details cannot be read any more.`
  return about(run, text, null)
}
