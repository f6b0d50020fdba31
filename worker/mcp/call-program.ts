/** Shared part of the tools that run a program: makes a run from their arguments, and follows it for the call to its end. */
import type { CallToolResult, RequestId, ServerContext } from '@modelcontextprotocol/server'
import { isUnderWay, type ShownOutcome } from '../run/contract/outcome.ts'
import type { RunCall } from '../run/contract/call.ts'
import type { ReadableRun } from '../run/contract/readable-run.ts'
import { platformErrorWords } from '../run/words/platform.ts'
import { INSTALL_TIMEOUT_S, MAX_TASKS, ORPHAN_GRACE_S, TASK_TTL_MS } from '../run/contract/bounds.ts'
import type { ProgramArguments } from './arguments/program.ts'
import type { Caller } from './caller.ts'
import { follow } from './follow.ts'
import { runResult } from './results/result.ts'
import { refusedResult } from './results/tool-result.ts'
import { declaresTasks, handedOut } from './tasks/server.ts'
import { taskOf } from './tasks/tasks.ts'

export const PROGRAM_ANNOTATIONS = {
  readOnlyHint: false,
  destructiveHint: true,
  idempotentHint: false,
  openWorldHint: true,
}

/**
 * Starts a run; the settings fill in arguments that are left out. `requestId`: of the call that is answered with its outcome; null when the
 * run goes on without a call. Throws Busy, QuotaUsed and NoExecutor.
 */
export function startProgram(
  caller: Pick<Caller, 'settings' | 'startRun' | 'answerWithin'>,
  tool: RunCall['tool'],
  args: ProgramArguments,
  requestId: RequestId | null,
): ReadableRun {
  const settings = caller.settings()
  const timeout_s = args.timeout ?? settings.default_timeout
  const input = {
    code: args.code,
    ...(args.files && { files: args.files }),
    stdin: args.stdin,
    time_zone: settings.time_zone,
    env: args.env,
    show_last: args.show_last,
    timeout_s,
    packages: {
      auto_install: args.auto_install ?? settings.auto_install,
      allowed_packages: settings.allowed_packages,
      blocked_packages: settings.blocked_packages,
      network: settings.network,
    },
    allowed_hosts: settings.allowed_hosts,
    max_output_bytes: settings.max_output_bytes,
    // The session object may be away for the whole time-out of a program that no call waits for, or not to its end.
    orphan_grace_s: requestId === null || timeout_s >= caller.answerWithin() ? timeout_s : ORPHAN_GRACE_S,
    install_timeout_s: INSTALL_TIMEOUT_S,
  }
  const { description, background = false } = args
  return caller.startRun(input, { tool, description, background }, requestId)
}

/** Runs a call's program: to its end, or, in the background, only until it has been accepted. */
export function answerWithProgram(
  caller: Caller,
  tool: RunCall['tool'],
  args: ProgramArguments,
  ctx: ServerContext,
): Promise<CallToolResult> {
  return args.background === true
    ? answerAtOnce(caller, ctx, () => startProgram(caller, tool, args, null))
    : answerWithRun(caller, ctx, () => startProgram(caller, tool, args, ctx.mcpReq.id))
}

/** Answers with a task for a client that declares tasks, else with a handle for the tool `runs`. */
async function answerAtOnce(caller: Caller, ctx: ServerContext, start: () => ReadableRun): Promise<CallToolResult> {
  try {
    const { id } = start()
    const declared = declaresTasks(ctx)
    const task = declared ? caller.promiseTask(id) : null
    const run = task ?? caller.findRun(id)
    if (run?.outcome == null) throw new Error('a run that was accepted is not there')
    const { hints, ...outcome } = withNextStep(run.outcome)
    const why = declared && task === null ? [TOO_MANY_TASKS] : []
    const answer = await runResult({ ...outcome, hints: [...hints, ...why] }, caller)
    return task === null ? answer : handedOut(answer, taskOf(task, Date.now()))
  } catch (error) {
    return refusedResult(platformErrorWords(error))
  }
}

const TOO_MANY_TASKS = `This is no task: there are ${MAX_TASKS} of the last ${TASK_TTL_MS / 3_600_000} hours, and no more are kept.`

/** The outcome so far of a run that has not ended, with the next step. `why`: the reason for this answer, if it needs one. */
export function withNextStep(outcome: ShownOutcome, why = ''): ShownOutcome {
  const { status, hints } = outcome
  if (!isUnderWay(status)) return outcome
  const what = status === 'queued' ? 'It waits for a place and then starts by itself.' : 'It goes on by itself.'
  const next = 'Next: call runs with this run_id and action "wait" or "cancel".'
  return { ...outcome, hints: [...hints, [why, what, next].filter(Boolean).join(' ')] }
}

/**
 * Starts a run, reports its progress, and answers with its outcome. Before the client gives up it answers with the outcome so far, and the
 * run goes on in the background. A cancelled call cancels the run.
 */
export async function answerWithRun(
  caller: Caller,
  { mcpReq }: ServerContext,
  start: () => AnsweredRun,
): Promise<CallToolResult> {
  try {
    const run = start()
    const cancel = () => run.cancel()
    mcpReq.signal.addEventListener('abort', cancel)
    if (mcpReq.signal.aborted) cancel()
    const seconds = caller.answerWithin()
    const hasEnded = await follow(run, seconds, mcpReq, () => caller.clientReady())
    mcpReq.signal.removeEventListener('abort', cancel)
    if (!hasEnded && !mcpReq.signal.aborted) {
      run.leave?.()
      const soFar = caller.followRun(run.id) === null ? null : caller.findRun(run.id)?.outcome
      if (soFar != null) return await runResult(withNextStep(soFar, answeredBefore(seconds)), caller)
    }
    return await runResult(await run.outcome, caller)
  } catch (error) {
    return refusedResult(platformErrorWords(error))
  }
}

/** A run that a call waits for. `leave`: the call waits no more, so work that has not begun is left undone. */
interface AnsweredRun extends ReadableRun {
  leave?(): void
}

function answeredBefore(seconds: number): string {
  return `The call was answered after ${seconds} s, before clients give up on it (the setting answer_within).`
}
