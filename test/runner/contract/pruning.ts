/** What a workspace need not keep: old outputs, and temporary files that nobody uses. */
import { mkdir, mkdtemp, readdir, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { program } from '../../support/programs.ts'
import { begin, type Contract, newWorkspace, run } from './context.ts'

export function pruning(the: Contract): void {
  const outputsOf = (workspace: string) => readdir(join(the.runner.root, workspace, 'files', '.outputs'))
  const leave = (case_: string, options = {}) =>
    run(the.runner, program('old_outputs'), { stdin: `${case_}\n`, ...options })

  test('the newest 200 outputs are kept', async () => {
    const { workspace } = await leave('many')
    const newest = Array.from({ length: 200 }, (_, n) => `r_${String(n).padStart(3, '0')}`)
    await expect.poll(() => outputsOf(workspace)).toHaveLength(200)
    expect((await outputsOf(workspace)).toSorted()).toEqual(newest)
  })

  test.each([
    ['30 days', 'old', ['young']],
    ['a GiB together', 'large', ['new']],
  ])('the newest outputs of %s are kept', async (_what, leaves, kept) => {
    const { workspace } = await leave(leaves)
    await expect.poll(() => outputsOf(workspace)).toEqual(kept)
  })

  test.each([
    ['old', {}],
    ['large', { LARGE: '1' }],
  ])('the newest outputs are kept, however %s', async (_what, env) => {
    const { workspace } = await leave('only', { env })
    await settled()
    expect(await outputsOf(workspace)).toEqual(['alone'])
  })

  test('outputs of a run under way are kept, and it does not report what was pruned meanwhile', async () => {
    const workspace = newWorkspace()
    await the.runner.client(workspace).writeFile('.outputs/old/data', 'x')
    const live = begin(the.runner, program('await_file'), { workspace })
    await live.until('half')
    for (const name of [live.id, 'new']) await the.runner.client(workspace).writeFile(`.outputs/${name}/data`, 'x')
    const folder = join(the.runner.root, workspace, 'files', '.outputs')
    const longAgo = new Date(Date.now() - 40 * 86_400_000)
    for (const name of [live.id, 'old']) await utimes(join(folder, name), longAgo, longAgo)
    await run(the.runner, 'pass', { workspace })
    await expect.poll(() => outputsOf(workspace)).not.toContain('old')
    expect((await outputsOf(workspace)).toSorted()).toEqual(['new', live.id].toSorted())
    await the.runner.client(workspace).writeFile('go', '')
    const { events } = await live.rest()
    expect(events.filter((event) => event.type === 'file' && event.change === 'deleted')).toEqual([])
    expect(events).toContainEqual(expect.objectContaining({ path: `.outputs/${live.id}/data`, change: 'created' }))
  })

  test('a link in the place of the outputs is not followed', async () => {
    const OUTSIDE = await mkdtemp(join(tmpdir(), 'outside-'))
    for (const name of ['a', 'b']) await mkdir(join(OUTSIDE, name))
    for (const name of ['a', 'b']) await utimes(join(OUTSIDE, name), 0, 0)
    const { workspace } = await leave('elsewhere', { env: { OUTSIDE } })
    await settled()
    expect((await readdir(OUTSIDE)).toSorted()).toEqual(['a', 'b'])
    expect(await outputsOf(workspace)).toHaveLength(2)
    await rm(OUTSIDE, { recursive: true })
  })

  test('temporary files that nobody has used for long are removed, but not while a program runs', async () => {
    await using other = await the.start({ tmpHours: 0 })
    const leaves =
      "import os, tempfile; os.makedirs(tempfile.gettempdir() + '/a/b'); open(tempfile.gettempdir() + '/a/b/c', 'w'); open(os.environ['HOME'] + '/kept', 'w')"
    const workspace = newWorkspace()
    const live = begin(other, program('await_file'), { workspace })
    await live.until('half')
    await run(other, leaves, { workspace })
    const left = () => readdir(join(other.root, workspace, 'tmp'))
    expect(await left()).toEqual(['a'])
    await other.client(workspace).writeFile('go', '')
    await live.rest()
    await expect.poll(left).toEqual([])
    expect(await readdir(join(other.root, workspace, 'home'))).toEqual(['kept'])
  })

  test('temporary files of today stay', async () => {
    const { workspace } = await run(the.runner, "import tempfile; open(tempfile.gettempdir() + '/a', 'w')")
    await settled()
    expect(
      (await run(the.runner, 'import os, tempfile; print(os.listdir(tempfile.gettempdir()))', { workspace })).stdout,
    ).toBe("['a']\n")
  })
}

/** Nothing says that nothing is removed: so long it would have taken. */
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1_000))
}
