/** An installation's output, for readers that come late or never. */
import { expect, test } from 'vitest'
import { Installation, MAX_WAITING_CHARS } from '../../worker/mcp/installation.ts'
import type { InstallEvent } from '../../worker/run/contract/protocol.ts'

const DONE: InstallEvent = { type: 'done', status: 'success', installed: [], message: null }

test('what nobody reads is kept up to a bound, and counted beyond it', async () => {
  const text = 'x'.repeat(1024)
  const lines = MAX_WAITING_CHARS / text.length + 1_000
  async function* events(): AsyncGenerator<InstallEvent> {
    for (let line = 0; line < lines; line++) yield { type: 'output', text }
    yield DONE
  }
  const installation = new Installation(events())
  expect(await installation.outcome).toEqual(DONE)
  const read = await Array.fromAsync(installation.read())
  expect(read.map((each) => ('text' in each ? each.text : '')).join('')).toHaveLength(MAX_WAITING_CHARS)
  expect(read.at(-1)).toEqual({ type: 'missed', chars: 1_000 * text.length })
})

test('a reader is told of a gap at its place', async () => {
  let go = () => {}
  const read = new Promise<void>((resolve) => (go = resolve))
  async function* events(): AsyncGenerator<InstallEvent> {
    for (const text of ['a'.repeat(MAX_WAITING_CHARS), 'b', 'cc']) yield { type: 'output', text }
    await read
    yield { type: 'output', text: 'd' }
    yield DONE
  }
  const installation = new Installation(events())
  const reader = installation.read()
  // Everything that can wait does, before the first reading.
  await new Promise((resolve) => setTimeout(resolve))
  expect(await reader.next()).toMatchObject({ value: { type: 'install' } })
  expect(await reader.next()).toEqual({ done: false, value: { type: 'missed', chars: 3 } })
  go()
  expect(await Array.fromAsync(reader)).toEqual([{ type: 'install', text: 'd' }])
})
