/** The tools that run programs, over MCP, with a scripted session behind them. */
import { Client, InMemoryTransport } from '@modelcontextprotocol/client'
import { McpServer } from '@modelcontextprotocol/server'
import { expect, test } from 'vitest'
import type { Caller } from '../../worker/mcp/caller.ts'
import type { ReadableRun } from '../../worker/run/contract/readable-run.ts'
import { registerRunPython } from '../../worker/mcp/tools/run-python.ts'
import { registerRunPythonStream } from '../../worker/mcp/tools/run-python-stream.ts'
import { registerRunWithRetry } from '../../worker/mcp/tools/run-with-retry.ts'
import { OutcomeFold } from '../../worker/run/execution/outcome-fold.ts'
import type { RunOutcome } from '../../worker/run/contract/outcome.ts'
import { DEFAULTS } from '../../worker/settings/settings.ts'
import { dataOf } from '../support/tool-result.ts'

const ERRORS = {
  'a reset': { type: 'ConnectionResetError', message: 'reset by peer', line: 3, frame: '> 3 | read()' },
  'a mistake': { type: 'KeyError', message: "'b'", line: 1, frame: null },
}
type Ending = keyof typeof ERRORS | 'success'

/** A client of a server with these tools, whose runs end as scripted. */
async function connected(endings: Ending[]) {
  const asked: Parameters<Caller['startRun']>[] = []
  const startRun: Caller['startRun'] = (...args): ReadableRun => {
    asked.push(args)
    const id = `r_${asked.length}`
    const ending = endings[asked.length - 1]
    if (ending === undefined) throw new Error('one run too many')
    const result: RunOutcome = {
      ...new OutcomeFold().outcome(id, 'local'),
      status: ending === 'success' ? 'success' : 'error',
      error: ending === 'success' ? null : ERRORS[ending],
    }
    return {
      id,
      outcome: Promise.resolve(result),
      async *read() {
        yield { type: 'stdout', n: 1, text: `output of ${id}\n` }
      },
      cancel: () => {},
    }
  }
  const caller = {
    settings: () => ({ ...DEFAULTS }),
    startRun,
    answerWithin: () => DEFAULTS.answer_within,
    clientReady: () => Promise.resolve(),
  } as Partial<Caller>
  const server = new McpServer({ name: 'test', version: '1' })
  for (const register of [registerRunPython, registerRunPythonStream, registerRunWithRetry])
    register(server, caller as Caller)
  const client = new Client({ name: 'test', version: '1' })
  const [ours, theirs] = InMemoryTransport.createLinkedPair()
  await Promise.all([server.connect(theirs), client.connect(ours)])
  return { client, asked }
}

const text = (result: { content: unknown }) => (result.content as { text: string }[])[0]!.text

test('run_with_retry explains each attempt in text and data, and its progress counts on', async () => {
  const { client, asked } = await connected(['a reset', 'success'])
  const progress: { progress: number; message?: string | undefined }[] = []
  const result = await client.callTool(
    { name: 'run_with_retry', arguments: { code: '```python\nread()\n```', description: ' Read It ', timeout: 7 } },
    { onprogress: (each) => progress.push(each) },
  )
  expect(result.isError).toBeUndefined()
  expect(dataOf(result)).toMatchObject({
    run_id: 'r_2',
    status: 'success',
    attempts: [
      { run_id: 'r_1', status: 'error', error: { type: 'ConnectionResetError', line: 3 }, waited_ms: 0 },
      { run_id: 'r_2', status: 'success', error: null },
    ],
  })
  expect(text(result)).toMatch(
    /^\[success · r_2\]\nAttempt 2 succeeded\.\nAttempts: r_1 error \(ConnectionResetError\); after \d\.\d s r_2 success$/,
  )
  const description = ' Read It '
  expect(asked.map(([{ code, timeout_s }, { description, tool }]) => ({ code, timeout_s, description, tool }))).toEqual(
    Array.from({ length: 2 }, () => ({
      code: '```python\nread()\n```',
      timeout_s: 7,
      description,
      tool: 'run_with_retry',
    })),
  )
  const told = progress.map(({ message }) => message ?? '').join('')
  expect(told).toMatch(/output of r_1\n.*Attempt 2 of 4 in .*\n.*output of r_2/s)
  expect(progress.map((each) => each.progress)).toEqual(progress.map((_, index) => index + 1))
})

test('run_with_retry runs a mistake once and says why', async () => {
  const { client, asked } = await connected(['a mistake'])
  const result = await client.callTool({ name: 'run_with_retry', arguments: { code: '{}["b"]', max_retries: 5 } })
  expect(asked).toHaveLength(1)
  expect(result.isError).toBe(true)
  expect(text(result)).toMatch(/\nNot run again: a key is not in the dictionary/)
})

test.each([-1, 6, 1.5, '6', 'three'])('max_retries of %j is refused', async (max_retries) => {
  const { client, asked } = await connected([])
  const result = await client.callTool({ name: 'run_with_retry', arguments: { code: 'x', max_retries } })
  expect(result.isError).toBe(true)
  expect(text(result)).toContain('max_retries')
  expect(asked).toEqual([])
})

test('run_python_stream is run_python under its old name, with what most programs need', async () => {
  const { client, asked } = await connected(['success', 'success'])
  const args = { code: 'print(1)', description: 'Count', timeout: '7' }
  for (const name of ['run_python', 'run_python_stream']) {
    expect((await client.callTool({ name, arguments: args })).isError).toBeUndefined()
  }
  expect(asked[0]![0]).toEqual(asked[1]![0])
  expect(asked.map(([, told]) => told)).toEqual(
    ['run_python', 'run_python_stream'].map((tool) => ({ tool, description: 'Count', background: false })),
  )
  expect(asked[0]![0]).toMatchObject({ code: 'print(1)', timeout_s: 7 })
})

test.each(['files', 'stdin', 'env', 'auto_install', 'show_last', 'background'])(
  'run_python_stream sends whoever gives it %s to run_python',
  async (name) => {
    const { client, asked } = await connected([])
    const refused = await client.callTool({ name: 'run_python_stream', arguments: { code: 'pass', [name]: true } })
    expect(refused.isError).toBe(true)
    expect(text(refused)).toContain(`There is no argument "${name}". Next: use run_python, which takes it.`)
    expect(asked).toEqual([])
  },
)
