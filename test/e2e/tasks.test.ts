/** Tasks as a host meets them: the SDK's 2026-07-28 client with ext-tasks over it, against `npm run dev`. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { resultFromTaskOutcome, TaskCancelledError } from '@modelcontextprotocol/ext-tasks/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type DevServer, startDevServer } from '../support/dev-server.ts'
import { processesOf } from '../support/processes.ts'
import { program } from '../support/programs.ts'
import { connectTasksClient } from '../support/tasks-client.ts'
import { DATA, dataOf } from '../support/tool-result.ts'

const GONE = { timeout: 30_000, interval: 50 }

let server: DevServer
beforeAll(async () => {
  server = await startDevServer()
})
afterAll(() => server.stop())

async function receipt(id: string) {
  const headers = { authorization: `Bearer ${server.token}` }
  return (await fetch(`${server.origin}/runs/${id}`, { headers })).json()
}

const structured = (result: unknown): Record<string, unknown> => dataOf(result)

test('a call to the background is driven to its result; any other is answered at once', async () => {
  const { session, seen, close } = await connectTasksClient(server)
  const code = 'import time\nfor i in range(3):\n    print(i)\n    time.sleep(0.3)'
  const execution = await session.callTool('run_python', { code, background: true })
  expect(execution.kind).toBe('task')
  const { outcome, lastTask } = await execution.settle()
  expect(structured(resultFromTaskOutcome(outcome))).toMatchObject({ status: 'success', stdout: '0\n1\n2\n' })
  expect(lastTask).toMatchObject({ status: 'completed', retentionMs: 24 * 3_600_000 })
  expect(await receipt(execution.handle!.taskId)).toMatchObject({ status: 'success' })
  expect(seen.map(({ method }) => method).slice(0, 2)).toEqual(['tools/call', 'tasks/get'])

  const inline = await session.callTool('run_python', { code: 'print(6 * 7)' })
  expect(inline.kind).toBe('immediate')
  expect(structured(resultFromTaskOutcome((await inline.settle()).outcome))).toMatchObject({ stdout: '42\n' })
  await close()
})

test('a failing program is a result, and what could not be started a failure with its reason', async () => {
  const { session, close } = await connectTasksClient(server)
  const failing = await session.callTool('run_python', { code: '1/0', background: true })
  expect(resultFromTaskOutcome((await failing.settle()).outcome)).toMatchObject({
    isError: true,
    _meta: { [DATA]: { error: { type: 'ZeroDivisionError' } } },
  })
  const refused = await session.callTool('run_python', { code: '1', files: { '../x': '' }, background: true })
  const { outcome } = await refused.settle()
  expect(outcome).toMatchObject({ status: 'failed', error: { code: -32603 } })
  expect(() => resultFromTaskOutcome(outcome)).toThrow('was not run')
  await close()
})

test('cancelling a task ends its processes', async () => {
  const { session, close } = await connectTasksClient(server)
  const marker = crypto.randomUUID()
  const args = { code: program('print_until_killed'), stdin: marker, timeout: 300, background: true }
  const execution = await session.callTool('run_python', args)
  await expect.poll(() => processesOf(marker).length, GONE).toBeGreaterThan(0)
  await execution.cancel()
  const { outcome } = await execution.settle()
  expect(() => resultFromTaskOutcome(outcome)).toThrow(TaskCancelledError)
  expect(processesOf(marker)).toEqual([])
  await close()
})

test('a task goes on when its client goes away and when the Workers runtime crashes; another client takes it up', async () => {
  const first = await connectTasksClient(server)
  const stem = crypto.randomUUID()
  const args = { code: program('wait_for_each_line'), stdin: stem, timeout: 110, background: true }
  const execution = await first.session.callTool('run_python', args)
  if (execution.kind !== 'task') throw new Error('it is no task')
  const reference = execution.serializeReference()
  await first.vanish()
  await expect.poll(async () => (await receipt(reference.taskId)).outcome?.stdout, GONE).toContain('line 1\n')
  await server.crashRuntime()
  await expect.poll(() => receipt(reference.taskId).catch(() => null), GONE).toMatchObject({ status: 'running' })

  const second = await connectTasksClient(server)
  const resumed = await second.session.resumeTask(reference)
  for (let line = 1; line <= 5; line++) await writeFile(join(server.workspace, `${stem}-${line}`), '')
  const { outcome } = await resumed.settle()
  const stdout = 'line 1\nline 2\nline 3\nline 4\nline 5\n'
  expect(structured(resultFromTaskOutcome(outcome))).toMatchObject({ status: 'success', stdout })
  await second.close()
})
