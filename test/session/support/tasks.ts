/** Requests of a 2026-07-28 client that declares the Tasks extension, and answers as they were sent. */
import { CreateTaskResultV2Schema, GetTaskResultV2Schema } from '@modelcontextprotocol/ext-tasks/core/v2'
import { expect } from 'vitest'
import { answer, ask as ask2026, call, workspace } from './mcp.ts'
import waits from '../../fixtures/programs/wait_for_each_line.py?raw'

export const DECLARED = { extensions: { 'io.modelcontextprotocol/tasks': {} } }

export interface Answer {
  http: number
  // oxlint-disable-next-line typescript/no-explicit-any -- what a method answers with is what its test looks at
  result?: any
  error?: { code: number; message: string; data?: unknown }
}

export async function ask(request: unknown, capabilities: object = DECLARED): Promise<Answer> {
  const response = await ask2026('session-tests', request, {}, capabilities)
  const http = response.status
  const isStream = response.headers.get('content-type') === 'text/event-stream'
  return { http, ...(isStream ? await answer(response) : await response.json<object>()) }
}

export function about(method: string, taskId: string, more: object = {}): unknown {
  return { jsonrpc: '2.0', id: 7, method, params: { taskId, ...more } }
}

/** Starts a program in the background; the id of its task. */
export async function startTask(args: object): Promise<string> {
  const { result } = await ask(call(1, 'run_python', { ...args, background: true }))
  return CreateTaskResultV2Schema.parse(result).taskId
}

/** A task of a program that waits before each of its lines; `go` lets it print the first so many. */
export async function waitingTask(): Promise<{ id: string; go: (lines: number) => Promise<void> }> {
  const stem = crypto.randomUUID()
  const files = await workspace()
  const go = async (lines: number) => {
    for (let line = 1; line <= lines; line++) await files.writeFile(`${stem}-${line}`, '')
  }
  return { id: await startTask({ code: waits, stdin: stem, timeout: 60 }), go }
}

export async function getTask(id: string) {
  const { result } = await ask(about('tasks/get', id))
  return GetTaskResultV2Schema.parse(result)
}

/** The task when it goes on no more. */
export async function endedTask(id: string) {
  await expect.poll(async () => (await getTask(id)).status, { timeout: 30_000, interval: 50 }).not.toBe('working')
  return getTask(id)
}

/** The run's resource. */
export async function receipt(id: string) {
  const read = { jsonrpc: '2.0', id: 2, method: 'resources/read', params: { uri: `codemode://runs/${id}` } }
  return JSON.parse((await ask(read)).result.contents[0].text)
}

/** Resolves when a run's program has printed a text. */
export async function printed(id: string, text: string): Promise<void> {
  await expect.poll(async () => (await receipt(id)).outcome.stdout, { timeout: 30_000 }).toContain(text)
}

/** A value without the signatures of its links, which differ from second to second. */
export function withoutSignatures<T>(value: T): T {
  return JSON.parse(JSON.stringify(value).replaceAll(/\?user=[^"\s\\]+/g, '?signed')) as T
}
