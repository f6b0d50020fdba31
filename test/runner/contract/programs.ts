/** A program is an ordinary `python program.py`: a real main module from a real file in a process and an environment of its own. */
import { realpath, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { descendantsOf, environmentOf, hasProc } from '../../support/processes.ts'
import { program } from '../../support/programs.ts'
import { begin, type Contract, newWorkspace, run } from './context.ts'

export function programs(the: Contract): void {
  test.concurrent.each(['fork', 'spawn'])('multiprocessing works by %s', async (START) => {
    const { stdout, stderr, exit } = await run(the.runner, program('multiprocess'), { env: { START }, timeout_s: 20 })
    expect({ stdout, stderr, status: exit.status }).toEqual({
      stdout: '[Point(x=2), Point(x=4), Point(x=6)]\n',
      stderr: '',
      status: 'success',
    })
  })

  test.concurrent('what __main__ defines can be pickled and inspected', async () => {
    const { stdout, stderr } = await run(the.runner, program('pickles'))
    expect(stderr).toBe('')
    expect(stdout).toBe("Point(x=1, y=2) __main__ {'x': <class 'int'>, 'y': <class 'int'>}\nclass Point:\n")
  })

  test.concurrent('subprocesses write to the same streams and return their codes', async () => {
    const { stdout, exit } = await run(the.runner, program('subprocesses'))
    expect({ stdout, status: exit.status }).toEqual({ stdout: 'from a child\npiped\n4\n3\n', status: 'success' })
  })

  test.concurrent('threads are joined, exit functions called and buffers flushed at the end', async () => {
    const { stdout, stderr, exit } = await run(the.runner, program('late_output'))
    expect({ stdout, stderr, status: exit.status }).toEqual({
      stdout: 'main\nthread\natexit\n',
      stderr: 'unflushed',
      status: 'success',
    })
  })

  test.concurrent('asyncio runs with children and threads', async () => {
    const { stdout, stderr } = await run(the.runner, program('asynchronous'))
    expect({ stdout, stderr }).toEqual({ stdout: "['child', 'slept', 'thread']\n", stderr: '' })
  })

  test.concurrent('input() reads the given stdin', async () => {
    const { stdout } = await run(the.runner, "print(input('name? '), input())", { stdin: 'Ünal\nyes\n' })
    expect(stdout).toBe('name? Ünal yes\n')
  })

  test.concurrent('without stdin input() is at the end of the file at once', async () => {
    const { exit } = await run(the.runner, 'input()')
    expect(exit).toMatchObject({ status: 'error', exit_code: 1, error: { type: 'EOFError', line: 1 } })
  })

  test.concurrent('a large stdin is read whole, and one that nobody reads does no harm', async () => {
    const stdin = 'é'.repeat(1_500_000)
    const read = await run(the.runner, 'import sys; print(len(sys.stdin.read()))', { stdin })
    expect(read.stdout).toBe('1500000\n')
    expect((await run(the.runner, 'print(1)', { stdin })).exit.status).toBe('success')
  })

  test.concurrent('the process is a fresh one, as a shell would start it', async () => {
    const workspace = newWorkspace()
    const { stdout, stderr } = await run(the.runner, program('process_facts'), {
      workspace,
      stdin: 'yes\n',
      env: { MODE: 'tést' },
    })
    expect(stderr).toBe('')
    const facts = JSON.parse(stdout)
    expect(facts).toMatchObject({
      argv: [expect.any(String)],
      name: '__main__',
      spec: 'None',
      own_source: true,
      main_is_this: true,
      modules: [],
      handlers: { SIGINT: 'default_int_handler', SIGPIPE: 'SIG_IGN', SIGTERM: 'SIG_DFL', SIGCHLD: 'SIG_DFL' },
      blocked_signals: [],
      threads: 1,
      main_thread: true,
      leads_session_or_group: true,
      stdin: 'yes\n',
      temporary_writable: true,
    })
    const names = facts.globals.filter((name: string) => !name.startsWith('__'))
    expect(names.join(' ')).toBe(
      'descriptors file handlers json name os random signal signal_name source sys tempfile threading',
    )
    expect(Object.keys(facts.descriptors).length).toBeLessThanOrEqual(5)
    expect(facts.environ).toMatchObject({
      MODE: 'tést',
      PATH: expect.stringContaining('/'),
      HOME: expect.stringContaining('/'),
    })
    expect(facts.environ['TMPDIR']).toBe(facts.temporary)
    expect(await realpath(facts.cwd)).toBe(await realpath(join(the.runner.root, workspace, 'files')))
    expect(facts.random).not.toBe(JSON.parse((await run(the.runner, program('process_facts'))).stdout).random)
  })

  test.concurrent("nothing of the runner's environment but what is allowed reaches a program", async () => {
    await using other = await the.start({
      env: {
        CLOUD_API_KEY: 'the-secret-of-the-operator',
        RUNNER_NOTE: 'the-note-of-the-operator',
        PLAYWRIGHT_BROWSERS_PATH: '/the/browsers',
      },
    })
    const { stdout } = await run(other, program('process_facts'))
    expect(JSON.parse(stdout).environ).toMatchObject({ PLAYWRIGHT_BROWSERS_PATH: '/the/browsers' })
    for (const secret of [other.token, 'RUNNER_TOKEN', 'the-secret-of-the-operator', 'the-note-of-the-operator']) {
      expect(stdout).not.toContain(secret)
    }
  })

  test.concurrent('where certificates to trust are named, every library and tool is told of them', async () => {
    const facts = async (env: Record<string, string>) => {
      await using other = await the.start({ env })
      return JSON.parse((await run(other, program('process_facts'))).stdout).environ
    }
    const given = { SSL_CERT_FILE: '/the/bundle.crt', PIP_CERT: '/for/pip.crt', UV_SYSTEM_CERTS: '1' }
    const told = {
      REQUESTS_CA_BUNDLE: '/the/bundle.crt',
      CURL_CA_BUNDLE: '/the/bundle.crt',
      GIT_SSL_CAINFO: '/the/bundle.crt',
      AWS_CA_BUNDLE: '/the/bundle.crt',
    }
    expect(await facts(given)).toMatchObject({ ...given, ...told })
    // An image may say UV_SYSTEM_CERTS by itself: that names no certificates.
    const untold = Object.keys(await facts({})).filter(
      (name) => /CERT|CA_|SSL/.test(name) && name !== 'UV_SYSTEM_CERTS',
    )
    expect(untold).toEqual([])
  })

  test.concurrent('the hosts that packages come from are told as they were at the start', async () => {
    const write = (hosts: string) => (root: string) => writeFile(join(root, 'hosts.txt'), hosts)
    const prepare = write('files.packages.test\npackages.test\n')
    await using other = await the.start({ packageHosts: 'hosts.txt', prepare })
    await write('elsewhere.test\n')(other.root)
    expect((await other.client('w1').health()).package_hosts).toEqual(['files.packages.test', 'packages.test'])
    expect((await the.runner.client('w1').health()).package_hosts).toEqual([])
  })

  test
    .skipIf(!hasProc)
    .concurrent('no process that the runner has started holds the token in its environment', async () => {
      const live = begin(the.runner, program('sleep'))
      await live.until('sleeping')
      const descendants = descendantsOf(the.runner.pid)
      expect(descendants.length).toBeGreaterThan(0)
      const leaking = descendants.filter((pid) => environmentOf(pid).includes(the.runner.token))
      expect(leaking).toEqual([])
      await the.runner.client(live.workspace).cancel(live.id)
    })

  test.concurrent('a program cannot change what the next one sees', async () => {
    const workspace = newWorkspace()
    expect((await run(the.runner, program('spoil_the_interpreter'), { workspace })).exit.status).toBe('success')
    const next = await run(the.runner, program('process_facts'), { workspace })
    expect(next.exit.status).toBe('success')
    expect(next.stdout).not.toContain('SPOILED')
    expect(JSON.parse(next.stdout).cwd).toContain(workspace)
  })

  test.concurrent('modules of the workspace can be imported, in their newest version', async () => {
    const workspace = newWorkspace()
    const code = 'import helper; print(helper.NAME)'
    for (const name of ['one', 'other']) {
      const { stdout } = await run(the.runner, code, { workspace, files: { 'helper.py': `NAME = '${name}'\n` } })
      expect(stdout).toBe(`${name}\n`)
    }
  })

  test('16 runs at once in one session do not mix', async () => {
    const workspace = newWorkspace()
    const runs = Array.from({ length: 16 }, async (_, number) => {
      const { stdout } = await run(the.runner, program('numbered_lines'), {
        workspace,
        env: { NUMBER: String(number) },
      })
      expect(stdout).toBe(Array.from({ length: 200 }, (_line, line) => `${number} ${line}\n`).join(''))
    })
    await Promise.all(runs)
  })
}
