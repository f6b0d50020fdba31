/** How a program ends is reported exactly: exit code, signal, and the exception with the user's own lines. */
import { expect, test } from 'vitest'
import { program } from '../../support/programs.ts'
import { type Contract, run } from './context.ts'

export function ending(the: Contract): void {
  test.concurrent('a program that ends well is a success with its usage and exact byte counts', async () => {
    const { stdout, stderr, exit } = await run(the.runner, "import sys; print('hé'); sys.stderr.write('careful')")
    expect({ stdout, stderr }).toEqual({ stdout: 'hé\n', stderr: 'careful' })
    expect(exit).toMatchObject({
      status: 'success',
      exit_code: 0,
      signal: null,
      bytes: { stdout: 4, stderr: 7 },
      cut: false,
    })
    expect(exit.error).toBeUndefined()
    expect(exit.usage.max_rss_bytes).toBeGreaterThan(1024 ** 2)
    expect(exit.usage.wall_ms).toBeGreaterThan(0)
  })

  test.concurrent.each([
    ['an empty program', '', 0],
    ['sys.exit()', 'import sys; sys.exit()', 0],
    ['sys.exit(3)', 'import sys; sys.exit(3)', 3],
    ['os._exit(7)', 'import os; os._exit(7)', 7],
    ['sys.exit(256 + 9)', 'import sys; sys.exit(265)', 9],
  ])('the exit code of %s is reported', async (_name, code, exitCode) => {
    const { exit } = await run(the.runner, code)
    expect(exit).toMatchObject({ status: exitCode === 0 ? 'success' : 'error', exit_code: exitCode, signal: null })
  })

  test.concurrent('sys.exit with a text is SystemExit with that text, exit code 1', async () => {
    const { exit, stderr } = await run(the.runner, "import sys; sys.exit('not today')")
    expect(exit).toMatchObject({ status: 'error', exit_code: 1, error: { type: 'SystemExit', message: 'not today' } })
    expect(stderr).toBe('not today\n')
  })

  test.concurrent('a segmentation fault is explained, and output before it is kept', async () => {
    const { exit, stdout } = await run(the.runner, program('segfault'))
    expect(exit).toMatchObject({ status: 'error', exit_code: null, signal: 'SIGSEGV', error: { type: 'Signal' } })
    expect(exit.error?.message).toContain('Segmentation fault')
    expect(stdout).toBe('before\n')
  })

  test.concurrent('a program that kills itself died of SIGKILL, not of a limit', async () => {
    const { exit, stdout } = await run(the.runner, program('kill_itself'))
    expect(exit).toMatchObject({ status: 'error', exit_code: null, signal: 'SIGKILL', error: { type: 'Signal' } })
    expect(stdout).toBe('before\n')
  })

  test.concurrent("an exception's class, message, line and frame are exact", async () => {
    const { exit } = await run(the.runner, program('division'))
    expect(exit).toMatchObject({ status: 'error', exit_code: 1, signal: null })
    expect(exit.error).toEqual({
      type: 'ZeroDivisionError',
      message: 'division by zero',
      line: 3,
      frame: '  1 | def f(x):\n  2 |     # a comment\n> 3 |     return 1 / x\n  4 | \n  5 | f(0)',
    })
  })

  test.concurrent("the traceback shows the user's lines and none of ours", async () => {
    const { stderr } = await run(the.runner, program('division'))
    const frames = stderr.split('\n').filter((line) => line.startsWith('  File '))
    expect(frames).toHaveLength(2)
    expect(frames[0]).toMatch(/^ {2}File ".+", line 5, in <module>$/)
    expect(frames[1]).toMatch(/^ {2}File ".+", line 3, in f$/)
    expect(stderr.split('\n')[0]).toBe('Traceback (most recent call last):')
    expect(stderr).toContain('    return 1 / x\n')
    expect(stderr).toMatch(/\nZeroDivisionError: division by zero\n$/)
  })

  test.concurrent('what interrupts the wait for its threads at its end is shown without lines of ours', async () => {
    const { stderr, exit } = await run(the.runner, program('interrupted_end'))
    const frames = stderr.split('\n').filter((line) => line.startsWith('  File '))
    expect(frames.at(-1)).toMatch(/^ {2}File ".+", line 9, in enough$/)
    expect(frames.slice(0, -1).filter((frame) => !frame.includes('threading.py'))).toEqual([])
    expect(stderr).toMatch(/\n    raise TimeoutError\("enough"\)\nTimeoutError: enough\n$/)
    expect(exit.exit_code).toBe(0)
  })

  test.concurrent('the first event has the paths that tracebacks and modules name', async () => {
    const files = { 'beside.py': 'print(__file__)\n' }
    const code = 'import beside, sys, traceback\nprint(__file__)\ntraceback.print_stack(file=sys.stdout)'
    const { events, stdout } = await run(the.runner, code, { files })
    const { paths } = events.find((event) => event.type === 'started')!
    expect(paths?.packages).toBeNull()
    const [beside, main, ...stack] = stdout.trim().split('\n')
    expect([beside, main]).toEqual([`${paths?.files}/beside.py`, paths?.main])
    const ours = stack.filter((line) => line.includes('runner/'))
    expect(ours.every((line) => line.startsWith(`  File "${paths?.runner}/`))).toBe(true)
    expect(ours.length).toBeGreaterThan(0)
  })

  test.concurrent("an exception inside a library points at the user's innermost line", async () => {
    const { exit, stdout } = await run(the.runner, program('raise_in_library'))
    expect(exit.error).toMatchObject({ type: 'json.decoder.JSONDecodeError', line: 5 })
    expect(exit.error?.frame).toContain('> 5 |     return json.loads(text)')
    expect(stdout).toBe('loading\n')
  })

  test.concurrent("a program's own exception has its bare name, and a long message is cut", async () => {
    const { exit, stderr } = await run(the.runner, program('raise_own_error'))
    expect(exit.error).toMatchObject({ type: expect.stringMatching(/^(Outer\.)?TooBad$/), line: 10 })
    expect(exit.error?.message).toMatch(/^bad bad /)
    expect(exit.error?.message.length).toBeLessThanOrEqual(2_000)
    expect(stderr).toContain('The above exception was the direct cause')
  })

  test.concurrent.each([
    ['message', 'raise Exception("\u{1f600}" * 3000)', { message: '\u{1f600}'.repeat(2000) }],
    ['class', 'X = type("\u{1f600}" * 190, (Exception,), {})\nraise X', { type: '\u{1f600}'.repeat(190) }],
    ['line', `x = "${'\u{1f600}'.repeat(390)}"; 1 / 0`, { type: 'ZeroDivisionError' }],
    [
      'message and line',
      `x = 0; "${'\u{1f600}'.repeat(380)}"\n`.repeat(5).replace('x = 0; ', 'raise Exception("\u{1f600}" * 3000); '),
      { type: 'Exception', line: 1 },
    ],
    ['file name', 'open("\u{1f600}" * 60)', { type: 'FileNotFoundError' }],
  ])('a long %s of characters beyond the first plane is reported like any other', async (_what, code, error) => {
    expect((await run(the.runner, code)).exit).toMatchObject({ status: 'error', error })
  })

  test.concurrent('an exception that cannot be printed still names its class', async () => {
    const { exit } = await run(the.runner, program('raise_unprintable'))
    expect(exit).toMatchObject({ status: 'error', exit_code: 1, error: { type: 'Unprintable', line: 6 } })
  })

  test.concurrent('endless recursion is a RecursionError', async () => {
    const { exit } = await run(the.runner, program('recursion'))
    expect(exit).toMatchObject({ status: 'error', exit_code: 1, error: { type: 'RecursionError', line: 2 } })
  })

  test.concurrent('a missing module is named', async () => {
    const { exit } = await run(the.runner, 'import foo')
    expect(exit.error).toEqual({
      type: 'ModuleNotFoundError',
      message: "No module named 'foo'",
      line: 1,
      frame: '> 1 | import foo',
      module: 'foo',
    })
  })

  test.concurrent('a syntax error is reported with its line, exit code 1', async () => {
    const { exit, stderr } = await run(the.runner, 'x = 1\ny = = 2\n')
    expect(exit).toMatchObject({ status: 'error', exit_code: 1, error: { type: 'SyntaxError', line: 2 } })
    expect(exit.error?.frame).toContain('> 2 | y = = 2')
    expect(stderr).toContain('y = = 2')
    expect(stderr).toMatch(/SyntaxError: invalid syntax\n$/)
  })

  test.concurrent('lines that end in CR LF, tabs and a byte order mark are ordinary source', async () => {
    const { exit, stdout } = await run(the.runner, '\uFEFFif True:\r\n\tprint("ok")\r\n')
    expect({ status: exit.status, stdout }).toEqual({ status: 'success', stdout: 'ok\n' })
  })

  test.concurrent('a program that replaces sys.stdout is reported like any other', async () => {
    const { exit, stdout } = await run(the.runner, program('replace_stdout'))
    expect(exit).toMatchObject({ status: 'error', exit_code: 1, error: { type: 'ValueError', message: 'at the end' } })
    expect(stdout).toBe('seen\n')
  })

  test.concurrent('a closed stdout does not end the run', async () => {
    const { exit, stdout, events } = await run(the.runner, program('close_stdout'))
    expect(exit).toMatchObject({ status: 'error', exit_code: 5, signal: null })
    expect(stdout).toBe('open\n')
    expect(events).toContainEqual(expect.objectContaining({ type: 'file', path: 'done.txt', change: 'created' }))
  })

  test.concurrent('a program that closes every descriptor keeps its exit code', async () => {
    const { exit } = await run(the.runner, program('close_descriptors'))
    expect(exit).toMatchObject({ status: 'error', exit_code: 3, signal: null })
  })

  test.concurrent('a program that deletes its own folder harms itself only', async () => {
    const first = await run(the.runner, program('delete_own_folder'), { files: { 'this-may-be-deleted.txt': 'x' } })
    expect(first.stdout).toBe('deleted\n')
    const next = await run(the.runner, "open('new.txt', 'w').write('x'); print('works')", {
      workspace: first.workspace,
    })
    expect(next).toMatchObject({ stdout: 'works\n', exit: { status: 'success' } })
  })
}
