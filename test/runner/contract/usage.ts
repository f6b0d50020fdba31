/** What a run is said to have used: the processor's time of all that it started, and its own memory. */
import { expect, test } from 'vitest'
import { hasProc } from '../../support/processes.ts'
import { program } from '../../support/programs.ts'
import { begin, type Contract, run } from './context.ts'

const MIB = 1024 ** 2

export function usage(the: Contract): void {
  test.skipIf(!hasProc).each(['killed', 'left behind', 'with it'])(
    'the time of a child that is %s counts',
    async (END) => {
      const live = begin(the.runner, program('burn'), { env: { END } })
      await live.until('burnt')
      if (END === 'with it') await the.runner.client(live.workspace).cancel(live.id)
      const { exit } = await live.rest()
      expect(exit.status).toBe(END === 'with it' ? 'cancelled' : 'success')
      expect(exit.usage.cpu_ms).toBeGreaterThanOrEqual(330)
    },
  )

  test.skipIf(!hasProc)(
    'memory is the program’s own: neither the server’s that it was forked from, nor that once a child',
    async () => {
      const { exit: idle } = await run(the.runner, 'print(1)')
      expect(idle.usage.max_rss_bytes).toBeLessThan(16 * MIB)
      const code = `
import os, time
for _ in range(3):
    if os.fork() == 0:
        time.sleep(600)
time.sleep(0.4)`
      const { exit: forked } = await run(the.runner, code)
      expect(forked.usage.max_rss_bytes).toBeLessThan(40 * MIB)
      const { exit: large } = await run(the.runner, "x = b'x' * (64 << 20)")
      expect(large.usage.max_rss_bytes).toBeGreaterThan(64 * MIB)
      expect(large.usage.max_rss_bytes).toBeLessThan(84 * MIB)
    },
  )
}
