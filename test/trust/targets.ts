/** The processes of a local server, by what they are. */
import { commandOf, descendantsOf, parentOf } from '../support/processes.ts'
import type { Target } from './plan.ts'

export type ServerTarget = Exclude<Target, 'client'>

/** `top` is the process of `npm run dev`. */
export function serverProcesses(top: number): Map<ServerTarget, number[]> {
  const found = new Map<ServerTarget, number[]>([['start script', [top]]])
  const all = descendantsOf(top).map((pid) => ({ pid, command: commandOf(pid) }))
  const runner = all.find(({ command }) => command.includes('-m runner --port'))?.pid
  for (const { pid, command } of all) {
    const target = targetOf(pid, command, runner)
    if (target !== null) found.set(target, [...(found.get(target) ?? []), pid])
  }
  return found
}

/** Below the runner they are told apart by their place: it starts fork servers, which start monitors, which start programs. */
function targetOf(pid: number, command: string, runner: number | undefined): ServerTarget | null {
  if (command.includes('workers-runtime.ts')) return 'runtime'
  if (command.includes('workerd serve')) return 'workerd'
  if (pid === runner) return 'runner'
  switch (runner === undefined ? null : depthBelow(runner, pid)) {
    case null:
      return null
    case 1:
      return 'fork server'
    case 2:
      return 'monitor'
    default:
      return 'program'
  }
}

function depthBelow(top: number, pid: number): number | null {
  let depth = 0
  for (let at: number | undefined = pid; at !== undefined && at > 1; at = parentOf(at)) {
    if (at === top) return depth
    depth++
  }
  return null
}
