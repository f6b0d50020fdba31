/** Bytes that programs write, in whatever pieces, through the real runner: a reader gets what `bytes.decode("utf-8", "replace")` says. */
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FUZZ_PATIENCE_MS, inputs, sayTheSeed } from '../../support/fuzz.ts'
import { writtenBytes, WRITES } from '../../support/written-bytes.ts'
import { collect, type RunningRunner, startRunner } from '../../support/runner.ts'

let runner: RunningRunner
beforeAll(async () => {
  sayTheSeed()
  runner = await startRunner()
})
afterAll(() => runner?.stop())

const decoded = (pieces: Uint8Array[]) =>
  new TextDecoder('utf-8', { fatal: false, ignoreBOM: true }).decode(Buffer.concat(pieces))

test('any bytes in any pieces arrive as Python decodes them', { timeout: FUZZ_PATIENCE_MS }, async () => {
  let count = 0
  await fc.assert(
    fc.asyncProperty(writtenBytes, writtenBytes, fc.boolean(), async (out, err, waits) => {
      const stdin = JSON.stringify({
        waits,
        pieces: {
          1: out.map((piece) => Buffer.from(piece).toString('hex')),
          2: err.map((piece) => Buffer.from(piece).toString('hex')),
        },
      })
      const id = `r_fuzz${(count += 1)}`
      const { stdout, stderr, exit } = await collect(
        runner.client('fuzz').start({ id, code: WRITES, stdin, timeout_s: 50, orphan_grace_s: 30 }),
      )
      expect({ stdout, stderr }).toEqual({ stdout: decoded(out), stderr: decoded(err) })
      expect(exit).toMatchObject({
        status: 'success',
        cut: false,
        bytes: { stdout: Buffer.concat(out).length, stderr: Buffer.concat(err).length },
      })
    }),
    inputs(100),
  )
})
