/** Bytes that programs write, through the runner, the session and the stream of a run. */
import * as fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { FUZZ_PATIENCE_MS, inputs, sayTheSeed } from '../../support/fuzz.ts'
import { writtenBytes, WRITES } from '../../support/written-bytes.ts'
import { allFrames, textOf } from '../support/events.ts'
import { sendTo } from '../support/mcp.ts'

beforeAll(sayTheSeed)

test('the events of a run hold what its program wrote, decoded once', { timeout: FUZZ_PATIENCE_MS }, async () => {
  await fc.assert(
    fc.asyncProperty(writtenBytes, fc.boolean(), async (out, waits) => {
      const stdin = JSON.stringify({ waits, pieces: { 1: out.map((piece) => Buffer.from(piece).toString('hex')) } })
      const frames = await allFrames(await sendTo('/runs', 'POST', { code: WRITES, stdin }))
      expect(textOf(frames)).toBe(
        new TextDecoder('utf-8', { fatal: false, ignoreBOM: true }).decode(Buffer.concat(out)),
      )
      expect(frames.at(-1)).toMatchObject({ event: 'outcome', data: { outcome: { status: 'success', exit_code: 0 } } })
    }),
    inputs(100),
  )
})
