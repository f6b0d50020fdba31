/** The `run_log` tool: a run's steps as they come, for the view of a run. No model sees it: it is named to clients with views alone. */
import type { McpServer } from '@modelcontextprotocol/server'
import * as z from 'zod'
import { RUN_ID } from '../../run/contract/history.ts'
import type { ReadStep } from '../../run/contract/readable-run.ts'
import { toolArguments } from '../arguments/arguments.ts'
import { boundedText } from '../arguments/bounded-text.ts'
import type { Caller } from '../caller.ts'
import { refusedResult } from '../results/tool-result.ts'
import { FOR_VIEWS } from '../view.ts'

/** Clients give up on a call after 30 s or more. */
const MAX_WAIT_MS = 15_000

const inputSchema = toolArguments({
  run_id: boundedText(18).regex(RUN_ID, 'is no run_id.').optional(),
  program: boundedText(16)
    .regex(/^[0-9a-f]{16}$/, 'is no key.')
    .optional(),
  after: boundedText(40)
    .regex(/^\d{1,2}\.\d{1,15}\.\d{1,15}$/, 'is no position.')
    .optional(),
  wait_ms: z.int().min(0).max(MAX_WAIT_MS).default(0),
})

export function registerRunLog(server: McpServer, caller: Caller): void {
  server.registerTool(
    'run_log',
    {
      title: 'Steps of a run',
      description:
        'For the view of a run: its steps after a position. Without run_id: of the newest live run of a program.',
      inputSchema,
      annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
      _meta: FOR_VIEWS,
    },
    async ({ run_id, program = '', after = null, wait_ms }) => {
      const until = Date.now() + wait_ms
      const id = run_id ?? (await caller.findProgram(program, wait_ms))
      // Nothing yet: the view asks again.
      if (id === null) return answer({ run_id: null })
      const page = await caller.runSteps(id, after, Math.max(0, until - Date.now()))
      const run = caller.findRun(id)
      if (page === null || run === null) return refusedResult(`There is no run ${id}; old ones are forgotten.`)
      // Of its start, where that is among the steps: the view shortens what stands in tracebacks.
      const paths = page.steps.findLast((step) => step.type === 'started')?.paths
      const steps = page.steps.flatMap(shownStep)
      return answer({ run_id: id, status: run.status, ...page, steps, ...(paths !== undefined && { paths }) })
    },
  )
}

/** As text, and once: every host passes a result's content on to its view. */
function answer(page: object) {
  return { content: [{ type: 'text' as const, text: JSON.stringify(page) }] }
}

/** What a view shows of a step. */
function shownStep(step: ReadStep): object[] {
  switch (step.type) {
    case 'stdout':
    case 'stderr':
    case 'status':
    case 'install': {
      const { type, text } = step
      return [{ type, text, ...('skipped' in step && { skipped: step.skipped }) }]
    }
    case 'missed':
      return [step]
    case 'started':
    case 'usage':
    case 'file':
    case 'exit':
    case 'heartbeat':
    case 'outcome':
      return []
  }
}
