/** What a run is said to have used: the processor's time of all that it started, and its own memory. */
import { expect, test } from 'vitest'
import type { RunEvent } from '../../../worker/run/contract/protocol.ts'
import { hasProc } from '../../support/processes.ts'
import { program } from '../../support/programs.ts'
import { begin, type Contract, run } from './context.ts'

const MIB = 1024 ** 2

type Sample = Extract<RunEvent, { type: 'usage' }>['samples'][number]

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

  test.skipIf(!hasProc)('time that was seen counts, though nobody waits for the child that took it', async () => {
    const live = begin(the.runner, program('unawaited'))
    const client = the.runner.client(live.workspace)
    const samples = () => live.seen.flatMap((event) => (event.type === 'usage' ? event.samples : []))
    const told = async (isLast: (sample: Sample) => boolean) => {
      while (!samples().slice(-1).some(isLast) && (await live.stream.next()).done !== true) continue
    }
    await told(({ cpu_ms }) => cpu_ms > 500)
    await client.writeFile('child-ends', '')
    await told(({ processes }) => processes === 1)
    await client.writeFile('end', '')
    const { exit } = await live.rest()
    const seen = samples().map(({ cpu_ms }) => cpu_ms)
    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
    expect(exit.usage.cpu_ms).toBeGreaterThanOrEqual(seen.at(-1)!)
  })

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
    const live = begin(the.runner, program('busy_then_large'))
    const client = the.runner.client(live.workspace)
    const samplesOf = (events: RunEvent[]) => events.flatMap((event) => (event.type === 'usage' ? event.samples : []))
    const isBusy = ({ cpu_ms, memory_bytes }: Sample) => cpu_ms > 500 && memory_bytes < 40 * MIB
    const isLarge = ({ memory_bytes }: Sample) => memory_bytes > 64 * MIB
    const told = async (isSo: (samples: Sample[], tellings: number) => boolean) => {
      const tellings = () => live.seen.filter(({ type }) => type === 'usage').length
      while (!isSo(samplesOf(live.seen), tellings()) && (await live.stream.next()).done !== true) continue
    }
    // The child is busy, and then it is large.
    await told((samples) => samples.some(isBusy))
    await client.writeFile('grow', '')
    // Several samples are told together.
    await told((samples, tellings) => samples.some(isLarge) && samples.length >= Math.max(4, tellings + 1))
    const toldBefore = samplesOf(live.seen).length
    await client.writeFile('end', '')
    const { events, exit } = await live.rest()
    expect(exit.status).toBe('success')
    const samples = samplesOf(events)
    // The last ones are told at the end.
    expect(samples.length).toBeGreaterThan(toldBefore)
    for (const [index, { ms, cpu_ms, memory_bytes, processes }] of samples.entries()) {
      const before = samples[index - 1]
      expect(ms - (before?.ms ?? 0)).toBeGreaterThanOrEqual(500)
      expect(cpu_ms).toBeGreaterThanOrEqual(before?.cpu_ms ?? 0)
      expect(cpu_ms).toBeLessThanOrEqual(exit.usage.cpu_ms + 20)
      expect(memory_bytes).toBeLessThanOrEqual(exit.usage.max_rss_bytes + MIB)
      // The first may come before the child.
      expect(cpu_ms > 500 ? [2] : [1, 2]).toContain(processes)
    }
    expect(samples.some(isBusy)).toBe(true)
    expect(samples.at(-1)!.memory_bytes).toBeGreaterThan(64 * MIB)
    expect(exit.usage.wall_ms).toBeGreaterThan(samples.at(-1)!.ms)
  })

  test('of a short one no samples are told', async () => {
    const { events, exit } = await run(the.runner, 'import time; time.sleep(1.2)')
    const types = events.map(({ type }) => type)
    expect(types.filter((type) => type !== 'usage')).toEqual(['started', 'exit'])
    // On a slow machine it is none.
    expect(types.includes('usage') && exit.usage.wall_ms < 2_000).toBe(false)
  })
}
