/** What a contract test is given: a runner to talk to, and short ways to run programs on it. */
import { join } from 'node:path'
import { expect, vi } from 'vitest'
import type { ExitEvent, RunEvent, RunRequest } from '../../../worker/run/contract/protocol.ts'
import { processesOf } from '../../support/processes.ts'
import { collect, type Collected, type RunningRunner, type StartOptions } from '../../support/runner.ts'

export type Start = (options?: StartOptions) => Promise<RunningRunner>

export interface Contract {
  /** The runner that the tests share. Each test works in workspaces of its own. */
  readonly runner: RunningRunner
  /** Starts another one, for tests that end it or need it configured. */
  start: Start
}

export interface Finished extends Collected {
  exit: ExitEvent
  workspace: string
  id: string
}

export interface RunOptions extends Partial<Omit<RunRequest, 'code' | 'limits'>> {
  limits?: Partial<RunRequest['limits']>
  workspace?: string
}

let count = 0

/** A workspace that no other test uses. */
export function newWorkspace(): string {
  return `w${process.pid}-${++count}`
}

export function request(code: string, options: Omit<RunOptions, 'workspace'> = {}): RunRequest {
  return { id: `r_${++count}`, code, timeout_s: 50, orphan_grace_s: 30, ...options }
}

/** Runs a program to its end and checks what holds for every stream. */
export async function run(runner: RunningRunner, code: string, options: RunOptions = {}): Promise<Finished> {
  const { workspace = newWorkspace(), ...rest } = options
  const asked = request(code, rest)
  return finished(workspace, asked.id, await collect(runner.client(workspace).start(asked)))
}

/** The invariants of a whole stream: `started` first, `exit` exactly once and last, numbers from 1 without a gap. */
export function finished(workspace: string, id: string, collected: Collected): Finished {
  const types = collected.events.map((event) => event.type)
  expect(types[0]).toBe('started')
  expect(types.at(-1)).toBe('exit')
  expect(types.filter((type) => type === 'exit' || type === 'started')).toHaveLength(2)
  expect(collected.events.findIndex((event, index) => event.n !== index + 1)).toBe(-1)
  return { ...collected, exit: collected.exit!, workspace, id }
}

export interface Live {
  workspace: string
  id: string
  stream: AsyncGenerator<RunEvent>
  /** What has been read so far. */
  seen: RunEvent[]
  /** Reads on until this text has come on stdout. */
  until(text: string): Promise<void>
  /** Closes the connection. */
  leave(): Promise<void>
  /** Reads the rest; the whole stream. */
  rest(): Promise<Finished>
}

/** Starts a program and leaves the reading to the test. */
export function begin(runner: RunningRunner, code: string, options: RunOptions = {}): Live {
  const { workspace = newWorkspace(), ...rest } = options
  const asked = request(code, rest)
  return reader(workspace, asked.id, runner.client(workspace).start(asked))
}

export function reader(workspace: string, id: string, stream: AsyncGenerator<RunEvent>): Live {
  const seen: RunEvent[] = []
  async function* remembered() {
    for (let step = await stream.next(); step.done !== true; step = await stream.next()) {
      seen.push(step.value)
      yield step.value
    }
  }
  const source = remembered()
  const stdout = () => seen.map((event) => (event.type === 'stdout' ? event.text : '')).join('')
  return {
    workspace,
    id,
    stream: source,
    seen,
    async until(text) {
      while (!stdout().includes(text)) {
        const step = await source.next()
        if (step.done === true)
          throw new Error(`the stream ended before ${JSON.stringify(text)}: ${JSON.stringify(seen.at(-1))}`)
      }
    },
    async leave() {
      await stream.return(undefined)
    },
    async rest() {
      const before = [...seen]
      async function* whole() {
        yield* before
        yield* source
      }
      return finished(workspace, id, await collect(whole()))
    },
  }
}

/** The processes of a workspace's programs. */
export function programsOf(runner: RunningRunner, workspace: string) {
  return processesOf(join(runner.root, workspace, 'files'))
}

/** Waits until no process of the workspace is left; fails with what is left. */
export async function expectNoPrograms(runner: RunningRunner, workspace: string): Promise<void> {
  // Not `expect.poll`, which tests that run at once take for each other's.
  await vi.waitFor(() => expect(programsOf(runner, workspace)).toEqual([]), { timeout: 30_000, interval: 50 })
}
