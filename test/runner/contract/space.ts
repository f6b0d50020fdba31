/** The space that a workspace takes: counted, bounded, and told. */
import { expect, test } from 'vitest'
import { errorAnswer } from '../../../worker/run/contract/protocol.ts'
import { program } from '../../support/programs.ts'
import { ask } from '../../support/raw.ts'
import { begin, type Contract, newWorkspace, request, run } from './context.ts'

const MIB = 1024 ** 2
const QUOTA = 8 * MIB

export function space(the: Contract): void {
  const used = async (workspace: string) => (await the.runner.client(workspace).health()).use.bytes
  const limits = { workspace_bytes: QUOTA }
  /** Writes a file of so many MiB. */
  const write = (mib: number, path = 'big.bin') =>
    `import os\nwith open(${JSON.stringify(path)}, 'wb') as file: file.write(os.urandom(${mib} * 1024 ** 2))`
  const put = (workspace: string, path: string, bytes: number, raw = {}) =>
    ask(the.runner, 'PUT', `/w/${workspace}/files/${path}?workspace_bytes=${QUOTA}`, {
      body: Buffer.alloc(bytes, 'x'),
      ...raw,
    })

  test.concurrent('blocks on disk are counted: links once or not at all, holes not, and wherever they are', async () => {
    const { workspace } = await run(the.runner, program('space'))
    const before = await used(workspace)
    expect(before).toBeGreaterThan(5 * MIB)
    expect(before).toBeLessThan(6 * MIB)
    expect(await used(newWorkspace())).toBeLessThan(MIB)
    const listed = await the.runner.client(workspace).listFiles()
    expect(listed.use).toEqual({ bytes: before, at_least: false })
    await the.runner.client(workspace).deleteFile('mine.bin')
    expect(await used(workspace)).toBe(before) // it has another name
    await the.runner.client(workspace).deleteFile('second name.bin')
    expect(before - (await used(workspace))).toBeGreaterThan(2 * MIB - 1)
    await the.runner.client(workspace).reset()
    expect(await used(workspace)).toBeLessThan(MIB)
  })

  test.concurrent('where looking takes long it is done seldom, but what a request changed is seen', async () => {
    const { workspace } = await run(the.runner, `${write(9)}\nfor n in range(60_000): open(f'{n}', 'w')`)
    expect(await used(workspace)).toBeGreaterThan(9 * MIB - 1)
    await the.runner.client(workspace).deleteFile('big.bin')
    expect(await used(workspace)).toBeLessThan(9 * MIB)
    await the.runner.client(workspace).reset()
    expect(await used(workspace)).toBeLessThan(MIB)
  })

  test.concurrent.each([
    ['with its length', {}],
    ['without its length', { chunked: true }],
  ])('an upload %s that finds no room is refused, and nothing changes', async (_name, raw) => {
    const workspace = newWorkspace()
    expect((await put(workspace, 'a.bin', 6 * MIB, raw)).status).toBe(201)
    for (const path of ['b.bin', 'deep/er/b.bin']) {
      const answer = await put(workspace, path, 3 * MIB, raw)
      expect(answer).toMatchObject({ status: 507, json: { error: { code: 'quota' } } })
      expect(errorAnswer.parse(answer.json).error.message).toMatch(/would hold (8|9)(\.\d+)? MiB of 8 MiB; delete/)
    }
    const { files } = await the.runner.client(workspace).listFiles()
    expect(files).toMatchObject([{ path: 'a.bin', bytes: 6 * MIB }])
    // What it replaces makes room.
    expect((await put(workspace, 'a.bin', 7 * MIB, raw)).status).toBe(200)
    expect((await put(workspace, 'empty', 0, raw)).status).toBe(201)
    await ask(the.runner, 'DELETE', `/w/${workspace}/files/a.bin`)
    expect((await put(workspace, 'b.bin', 3 * MIB, raw)).status).toBe(201)
  })

  test.concurrent('uploads at once do not each take the room that is there for one', async () => {
    const workspace = newWorkspace()
    const answers = await Promise.all(['a', 'b', 'c', 'd'].map((path) => put(workspace, path, 3 * MIB)))
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 201, 507, 507])
    expect(await used(workspace)).toBeLessThan(QUOTA)
  })

  test.concurrent('files of a run that find no room refuse it, and none is written', async () => {
    const workspace = newWorkspace()
    const files = { 'a.txt': 'x', 'b.txt': 'x'.repeat(9 * MIB) }
    const body = JSON.stringify(request('print(1)', { files, limits }))
    const answer = await ask(the.runner, 'POST', `/w/${workspace}/runs`, { body })
    expect(answer).toMatchObject({ status: 507, json: { error: { code: 'quota' } } })
    expect((await the.runner.client(workspace).listFiles()).files).toEqual([])
  })

  test.concurrent.each(['big.bin', '../tmp/big.bin', '../home/big.bin'])(
    'a program that writes too much to %s is ended, told its quota, and the next one may delete',
    async (path) => {
      const { workspace, exit, stdout } = await run(the.runner, `print('begun')\n${write(20, path)}\n${WAIT}`, {
        limits,
      })
      expect(stdout).toBe('begun\n')
      expect(exit).toMatchObject({ status: 'error', exit_code: null, error: { type: 'WorkspaceQuota', line: null } })
      expect(exit.error?.message).toMatch(/holds 20(\.\d+)? MiB of 8 MiB, so the program was stopped; delete/)
      expect(exit.over_quota).toMatchObject({ limit_bytes: QUOTA, at_start: false })
      const freed = await run(the.runner, `import os; os.remove(${JSON.stringify(path)}); print('deleted')`, {
        workspace,
        limits,
      })
      expect(freed).toMatchObject({ stdout: 'deleted\n', exit: { status: 'success', over_quota: { at_start: true } } })
      expect(freed.exit.over_quota!.bytes).toBeLessThan(QUOTA)
      const { exit: last } = await run(the.runner, write(1), { workspace, limits })
      expect(last.status).toBe('success')
      expect(last.over_quota).toBeUndefined()
    },
  )

  test.concurrent('what a short program leaves beyond the quota is told at its end', async () => {
    const { exit } = await run(the.runner, write(9), { limits })
    expect(exit).toMatchObject({ status: 'success', over_quota: { limit_bytes: QUOTA, at_start: false } })
    expect(exit.over_quota!.bytes).toBeGreaterThan(9 * MIB - 1)
  })

  test.concurrent('so it is just after another run, however long looking takes', async () => {
    const { workspace } = await run(the.runner, "for n in range(4_000): open(f'{n}', 'w')", { limits })
    await run(the.runner, 'pass', { workspace, limits })
    const take = "import os; os.posix_fallocate(os.open('big.bin', os.O_CREAT | os.O_WRONLY), 0, 2**26)"
    const { exit } = await run(the.runner, take, { workspace, limits })
    expect(exit.over_quota).toMatchObject({ limit_bytes: QUOTA, at_start: false })
  })

  test.concurrent('in a full workspace a program reads and prints, and a write fails at its line', async () => {
    const { workspace } = await run(the.runner, write(9), { limits })
    const reads = `print(len(open('big.bin', 'rb').read()))\nimport multiprocessing; multiprocessing.Lock()\n`
    const { exit, stdout, events } = await run(the.runner, `${reads}open('more.txt', 'w').write('x' * 100_000)`, {
      workspace,
      limits,
    })
    expect(stdout).toBe(`${9 * MIB}\n`)
    expect(exit).toMatchObject({ status: 'error', exit_code: 1, error: { type: 'WorkspaceQuota', line: 3 } })
    expect(exit.error?.message).toMatch(/held 9(\.\d+)? MiB of 8 MiB when the program started.*; delete/)
    expect(events).toContainEqual(expect.objectContaining({ path: 'more.txt', bytes: 4096 }))
    const files = { 'more.txt': 'x'.repeat(10_000) }
    const body = JSON.stringify(request('print(1)', { files, limits }))
    expect((await ask(the.runner, 'POST', `/w/${workspace}/runs`, { body })).status).toBe(507)
  })

  test.concurrent('a full workspace that grows all the same ends its program', async () => {
    const { workspace } = await run(the.runner, write(9), { limits })
    const code = `import os\nfor n in range(8_000): open(f'{n}', 'w').write('x' * 4_000)\nprint('small ones')\n${WAIT}`
    const { exit } = await run(the.runner, code, { workspace, limits })
    expect(exit).toMatchObject({ status: 'error', error: { type: 'WorkspaceQuota' } })
    expect(exit.error?.message).toContain('at its start 9')
  })

  test.concurrent('the logs of ended runs count, and are given up before anything is refused or ended', async () => {
    const workspace = newWorkspace()
    const waiting = begin(the.runner, program('await_file'), { workspace, limits })
    await waiting.until('half')
    const ids: string[] = []
    for (let n = 0; n < 4; n++) {
      const { exit, id } = await run(the.runner, "print('x' * 3 * 1024 ** 2)", { workspace, limits })
      expect(exit.over_quota).toBeUndefined()
      ids.push(id)
    }
    expect(await used(workspace)).toBeGreaterThan(3 * MIB)
    expect((await ask(the.runner, 'GET', `/w/${workspace}/runs/${ids[0]}/events`)).status).toBe(404)
    expect((await put(workspace, 'a.bin', 6 * MIB)).status).toBe(201)
    await put(workspace, 'go', 0)
    expect((await waiting.rest()).exit.status).toBe('success')
  })

  test.concurrent('the same deed without a quota in the request meets the default, which is larger', async () => {
    const body = JSON.stringify(request(write(20)))
    const { text } = await ask(the.runner, 'POST', `/w/${newWorkspace()}/runs`, { body })
    expect(text).toContain('"status": "success"')
    expect(text).not.toContain('over_quota')
    expect((await the.runner.client(newWorkspace()).health()).limits.workspace_bytes).toBe(4 * 1024 ** 3)
  })

  test.concurrent.each(['0', '-1', 'x', '1e9', '1048575', ''])('workspace_bytes=%s is refused', async (value) => {
    const path = `/w/${newWorkspace()}/files/a.txt?workspace_bytes=${value}`
    expect((await ask(the.runner, 'PUT', path, { body: 'x' })).status).toBe(400)
  })
}

const WAIT = 'import time; time.sleep(40)'
