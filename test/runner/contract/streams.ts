/** Output arrives live, whole and in order, whatever its bytes are, and cannot pretend to be anything else. */
import { expect, test } from 'vitest'
import { program } from '../../support/programs.ts'
import { begin, type Contract, type Finished, run } from './context.ts'

export function streams(the: Contract): void {
  test.concurrent('a line and a part of a line arrive while the program waits for us', async () => {
    const live = begin(the.runner, program('await_file'))
    await live.until('first\nhalf') // without this text no file, without the file no end
    await the.runner.client(live.workspace).writeFile('go', '')
    const { stdout, exit } = await live.rest()
    expect({ stdout, status: exit.status }).toEqual({ stdout: 'first\nhalf and half\n', status: 'success' })
  })

  test.concurrent('silence is bridged by a heartbeat about every second', async () => {
    const live = begin(the.runner, program('await_file'))
    await live.until('half')
    const heard = () => live.seen.filter(({ type }) => type === 'heartbeat').length
    while (heard() < 3 && (await live.stream.next()).done !== true) continue
    await the.runner.client(live.workspace).writeFile('go', '')
    const { heartbeats, stdout, exit } = await live.rest()
    expect(heartbeats).toBeGreaterThanOrEqual(3)
    expect(heartbeats).toBeLessThanOrEqual(exit.usage.wall_ms / 1000 + 1)
    expect(stdout).toBe('first\nhalf and half\n')
  })

  test.concurrent('order is kept within each stream', async () => {
    const { stdout, stderr } = await run(the.runner, program('both_streams'))
    const lines = (name: string) => Array.from({ length: 500 }, (_, number) => `${name} ${number}\n`).join('')
    expect(stdout).toBe(lines('out'))
    expect(stderr).toBe(lines('err'))
  })

  test.concurrent('what is not UTF-8 is replaced, and control characters pass unchanged', async () => {
    const { stdout, exit } = await run(the.runner, program('odd_bytes'))
    expect(stdout).toBe(
      'ok\uFFFD\uFFFD\nNUL \0, LS \u2028, CR \r, bell \u0007, ANSI \u001b[31mred\u001b[0m\n\uFFFD\uFFFD\uFFFD\ncut short: \uFFFD',
    )
    expect(exit).toMatchObject({ status: 'success', bytes: { stdout: 69, stderr: 0 } })
  })

  test.concurrent('a character written byte by byte is never torn', async () => {
    const { stdout, events } = await run(the.runner, program('byte_by_byte'))
    expect(stdout).toBe('aé€😀ü\n'.repeat(3))
    const texts = events.flatMap((event) => (event.type === 'stdout' ? [event.text] : []))
    expect(texts.length).toBeGreaterThan(1)
    expect(texts.every((text) => text.isWellFormed())).toBe(true)
  })

  test.concurrent('printed lines that look like events, frames or headers stay text, and the exit code stays true', async () => {
    const { stdout, stderr, exit, events } = await run(the.runner, program('forge_events'))
    expect(exit).toMatchObject({ status: 'error', exit_code: 3, signal: null })
    expect(stdout).toBe(stderr)
    expect(stdout).toContain('"status": "success"')
    expect(events.filter((event) => event.type === 'exit' || event.type === 'started')).toHaveLength(2)
    expect(exit.bytes.stdout).toBe(Buffer.byteLength(stdout))
  })

  test.concurrent.each([0, 9])('a forged error report does not change that the exit code was %i', async (code) => {
    const { exit } = await run(the.runner, program('forge_report'), { env: { CODE: String(code) } })
    expect(exit).toMatchObject({ status: code === 0 ? 'success' : 'error', exit_code: code, signal: null })
    if (code === 0) expect(exit.error).toBeUndefined()
  })

  test('ten megabytes arrive byte for byte', async () => {
    const { stdout, exit } = await run(the.runner, program('ten_megabytes'))
    expect(exit).toMatchObject({ status: 'success', cut: false, bytes: { stdout: 10_000_000, stderr: 0 } })
    expect(firstWrongLine(stdout, 100_000)).toBeNull()
  })

  test('of a million lines each one arrives, in order', async () => {
    const { stdout, exit } = await run(the.runner, program('million_lines'), {
      limits: { output_bytes: 16 * 1024 ** 2 },
    })
    expect(exit).toMatchObject({ status: 'success', cut: false })
    expect(firstWrongLine(stdout, 1_000_000)).toBeNull()
  })

  test('beyond the limit head and tail are kept and what is missing is counted exactly', async () => {
    const limit = 1024 ** 2
    const result = await run(the.runner, program('beyond_the_limit'), {
      env: { LINES: '40000' },
      limits: { output_bytes: limit },
    })
    expect(result.exit).toMatchObject({ status: 'success', cut: true, bytes: { stdout: 4_000_000, stderr: 2_000_000 } })
    const stdout = headAndTail(result, 'stdout')
    const stderr = headAndTail(result, 'stderr')
    const whole = (step: number) =>
      Array.from({ length: 40_000 / step }, (_, index) => `${String(index * step).padEnd(99)}\n`).join('')
    for (const [found, all] of [
      [stdout, whole(1)],
      [stderr, whole(2)],
    ] as const) {
      expect(all.startsWith(found.head)).toBe(true)
      expect(all.endsWith(found.tail)).toBe(true)
      expect(found.head.length + found.skipped + found.tail.length).toBe(all.length)
      expect(found.tail.length).toBe(64 * 1024)
    }
    const kept = stdout.head.length + stderr.head.length
    expect(kept).toBeLessThanOrEqual(limit)
    expect(kept).toBeGreaterThan(limit - 128 * 1024)
  })

  test('the two last texts before the end of a cut run are the tails', async () => {
    const options = { env: { LINES: '4000' }, limits: { output_bytes: 64 * 1024 } }
    const { events } = await run(the.runner, program('beyond_the_limit'), options)
    // Where it takes two seconds it is told what it used, too.
    const told = events.filter(({ type }) => type !== 'usage')
    const last = told.slice(-3).map((event) => `${event.type}${'skipped' in event ? ', skipped' : ''}`)
    expect(last.slice(0, 2).toSorted()).toEqual(['stderr, skipped', 'stdout, skipped'])
    expect(last[2]).toBe('exit')
  })

  test.concurrent('output that is exactly as long as the limit is not cut', async () => {
    const limits = { output_bytes: 100_000 }
    const { stdout, exit } = await run(the.runner, "print('x' * 99_999)", { limits })
    expect(stdout).toHaveLength(100_000)
    expect(exit).toMatchObject({ cut: false, bytes: { stdout: 100_000 } })
  })
}

/** Compares numbered lines one by one: the first wrong one, or null. */
function firstWrongLine(text: string, count: number): { number: number; line: string | undefined } | null {
  const lines = text.split('\n')
  if (lines.pop() !== '') return { number: count, line: 'no newline at the end' }
  const length = Math.max(lines.length, count)
  for (let number = 0; number < length; number++) {
    if (lines[number]?.trimEnd() !== String(number)) return { number, line: lines[number] }
  }
  return null
}

function headAndTail({ events }: Finished, stream: 'stdout' | 'stderr') {
  const texts = events.flatMap((event) => (event.type === stream ? [event] : []))
  const tails = texts.filter((event) => event.skipped !== undefined)
  expect(tails).toHaveLength(1)
  expect(texts.at(-1)).toBe(tails[0])
  const head = texts.slice(0, -1).map((event) => event.text)
  return { head: head.join(''), skipped: tails[0]!.skipped!, tail: tails[0]!.text }
}
