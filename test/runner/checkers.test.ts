/** The processes that read programs: what becomes of one hurts no other program, nor the next. */
import { utimes } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { checkersOf, checkerSourceOf, descendantsOf, hasProc, isAlive } from '../support/processes.ts'
import { type RunningRunner, startRunner } from '../support/runner.ts'

const CODE = 'import json\nname = input()\n'
const ANSWER = {
  syntax_error: null,
  imports: [{ module: 'json', kind: 'standard', line: 1 }],
  notes: [{ kind: 'input', line: 2 }],
}

describe.runIf(hasProc)('a checker', () => {
  let runner: RunningRunner
  beforeAll(async () => {
    runner = await startRunner()
  })
  afterAll(() => runner.stop())
  const check = (code = CODE) => runner.client('w').check(code, [])

  test('reads one program after another', async () => {
    await check()
    const before = checkersOf(runner.pid)
    for (let i = 0; i < 5; i++) expect(await check()).toEqual(ANSWER)
    expect(before).toHaveLength(1)
    expect(checkersOf(runner.pid)).toEqual(before)
  })

  test('sees what has changed since the program before, whatever the folder says of its time', async () => {
    const kind = async () => {
      await utimes(join(runner.root, 'w', 'files'), 1_000_000_000, 1_000_000_000)
      return (await check('import helper_of_mine')).imports[0]?.kind
    }
    expect(await kind()).toBe('missing')
    await runner.client('w').writeFile('helper_of_mine.py', 'x = 1\n')
    expect(await kind()).toBe('local')
    await runner.client('w').deleteFile('helper_of_mine.py')
    expect(await kind()).toBe('missing')
  })

  test('that has ended is replaced', async () => {
    await check()
    await kill(checkersOf(runner.pid))
    expect(await check()).toEqual(ANSWER)
  })

  test('that grew is not asked again', async () => {
    await check()
    const before = checkersOf(runner.pid)
    expect((await check('x\n'.repeat(30_000))).syntax_error).toBeNull()
    await gone(before)
    expect(await check()).toEqual(ANSWER)
  })

  test('that hangs holds up no other program', async () => {
    await check()
    const held: Promise<unknown>[] = []
    const stopped: number[] = []
    for (let i = 0; i < 3; i++) {
      const waiting = checkersOf(runner.pid).filter((pid) => !stopped.includes(pid))
      for (const pid of waiting) process.kill(pid, 'SIGSTOP')
      stopped.push(...waiting)
      held.push(...waiting.map(() => check()))
      expect(await check()).toEqual(ANSWER)
    }
    for (const pid of stopped) process.kill(pid, 'SIGCONT')
    expect(stopped.length).toBeGreaterThanOrEqual(3)
    expect(await Promise.all(held)).toEqual(held.map(() => ANSWER))
  })

  test('is not made for each program of a long queue', async () => {
    const code = 'x = 1\n'.repeat(300)
    const seen = new Set<number>()
    let goesOn = true
    const watching = (async () => {
      while (goesOn) {
        for (const pid of checkersOf(runner.pid)) seen.add(pid)
        await setTimeout(2)
      }
    })()
    const answers = await Promise.all(Array.from({ length: 60 }, () => check(code)))
    goesOn = false
    await watching
    expect(answers.map(({ syntax_error }) => syntax_error)).toEqual(answers.map(() => null))
    // Two, and one for each quarter of a second in which a busy machine read none.
    expect(seen.size).toBeLessThan(20)
  })

  test('is there again after the process has ended that all are forked from', async () => {
    await check()
    await kill([checkerSourceOf(runner.pid), ...checkersOf(runner.pid)])
    const connection = connect(runner.port, '127.0.0.1')
    const body = JSON.stringify({ code: CODE })
    const head = [
      'POST /w/w/check HTTP/1.1',
      'Host: 127.0.0.1',
      `Authorization: Bearer ${runner.token}`,
      `Content-Length: ${body.length}`,
      'Connection: close',
    ]
    connection.write(`${head.join('\r\n')}\r\n\r\n${body}`)
    // To its end, which a copy of the connection in the process that replaces it would put off.
    expect(await text(connection)).toContain('"module": "json"')
    expect(await check()).toEqual(ANSWER)
  })

  test('ends with its runner, however that ends', async () => {
    await using other = await startRunner({ exitWithStdin: false })
    await other.client('w').check(CODE, [])
    const left = descendantsOf(other.pid)
    expect(left).toContain(checkerSourceOf(other.pid))
    expect(left.length).toBeGreaterThan(2)
    process.kill(other.pid, 'SIGKILL')
    await gone(left)
  })
})

async function kill(pids: number[]): Promise<void> {
  for (const pid of pids) process.kill(pid, 'SIGKILL')
  await gone(pids)
}

async function gone(pids: number[]): Promise<void> {
  await vi.waitFor(() => expect(pids.filter(isAlive)).toEqual([]), { timeout: 30_000 })
}
