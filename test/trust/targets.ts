/** The processes of a local server and of its containers, by what they are. */
import { commandOf, descendantsOf, parentOf } from '../support/processes.ts'
import type { Target } from './plan.ts'

export type ServerTarget = Exclude<Target, 'client'>

/** `top` is the process of `npm run dev`; `containers` are the first processes of its containers. */
export function serverProcesses(top: number, containers: number[]): Map<ServerTarget, number[]> {
  const found = new Map<ServerTarget, number[]>([['start script', [top]]])
  if (containers.length > 0) found.set('container', containers)
  const all = [top, ...containers].flatMap(descendantsOf).map((pid) => ({ pid, command: commandOf(pid) }))
  const runners = all.filter(({ command }) => /-m runner --(port|host)/.test(command)).map(({ pid }) => pid)
  for (const { pid, command } of all) {
    const target = targetOf(pid, command, runners)
    if (target !== null) found.set(target, [...(found.get(target) ?? []), pid])
  }
  return found
}

/**
 * Below a runner they are told apart by their place: it starts fork servers, which start monitors, which start programs. What reads programs
 * is a fork of the runner, and has its command line.
 */
function targetOf(pid: number, command: string, runners: number[]): ServerTarget | null {
  if (command.includes('workers-runtime.ts')) return 'runtime'
  if (command.includes('workerd serve')) return 'workerd'
  if (command.includes('/supervise.sh')) return command.includes('/container-server/') ? null : 'supervisor'
  switch (depthBelow(runners, pid)) {
    case null:
      return null
    case 0:
      return runners.includes(parentOf(pid) ?? 0) ? 'checker' : 'runner'
    case 1:
      return 'fork server'
    case 2:
      return 'monitor'
    default:
      return 'program'
  }
}

function depthBelow(tops: number[], pid: number): number | null {
  let depth = 0
  for (let at: number | undefined = pid; at !== undefined && at > 1; at = parentOf(at)) {
    if (tops.includes(at)) return depth
    depth++
  }
  return null
}
