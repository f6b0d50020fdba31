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

  test.skipIf(!hasProc)('what a longer program uses is told while it goes on, in samples', async () => {
    const { events, exit } = await run(the.runner, program('busy_then_large'))
    const samples = events.flatMap((event) => (event.type === 'usage' ? event.samples : []))
    expect(samples.length).toBeGreaterThanOrEqual(4)
    expect(events.at(-2)?.type).toBe('usage')
    for (const [index, { ms, cpu_ms, memory_bytes, processes }] of samples.entries()) {
      const before = samples[index - 1]
      expect(ms - (before?.ms ?? 0)).toBeGreaterThanOrEqual(500)
      expect(cpu_ms).toBeGreaterThanOrEqual(before?.cpu_ms ?? 0)
      expect(cpu_ms).toBeLessThanOrEqual(exit.usage.cpu_ms + 20)
      expect(memory_bytes).toBeLessThanOrEqual(exit.usage.max_rss_bytes + MIB)
      expect(processes).toBe(2)
    }
    // The child is busy, and then it is large.
    const [first] = samples
    expect(first!.cpu_ms).toBeGreaterThan(250)
    expect(first!.memory_bytes).toBeLessThan(40 * MIB)
    expect(samples.at(-1)!.memory_bytes).toBeGreaterThan(64 * MIB)
    expect(exit.usage.wall_ms).toBeGreaterThan(samples.at(-1)!.ms)
  })

  test('of a short one no samples are told', async () => {
    const { events } = await run(the.runner, 'import time; time.sleep(1.2)')
    expect(events.map(({ type }) => type)).toEqual(['started', 'exit'])
  })
}
