/** A file as a picture of a bounded size: made by the workspace's own Pillow, at a bounded cost, or refused in words. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pictureFacts } from '../../../worker/files/picture.ts'
import type { Runner } from '../../../worker/run/contract/runner.ts'
import { type PackageIndex, startPackageIndex } from '../../support/package-index.ts'
import { program } from '../../support/programs.ts'
import { pillowWheel, png } from '../../support/pillow.ts'
import { processesOf } from '../../support/processes.ts'
import { ask } from '../../support/raw.ts'
import type { RunningRunner } from '../../support/runner.ts'
import { type Contract, newWorkspace, run } from './context.ts'

export function pictures(the: Contract): void {
  let index: PackageIndex
  let runner: RunningRunner
  /** A workspace with the stand-in for Pillow. */
  let client: Runner
  beforeAll(async () => {
    index = await startPackageIndex([pillowWheel()])
    runner = await the.start({ env: index.env })
    client = runner.client(newWorkspace())
    for await (const event of client.install(['pillow'], 120)) {
      if (event.type === 'done') expect(event.status).toBe('success')
    }
  })
  afterAll(async () => {
    await runner?.stop()
    await index?.[Symbol.asyncDispose]()
  })

  test('a large picture comes back smaller, and the file stays as it is', async () => {
    const original = png({ width: 3_000, height: 1_500, padding: 'x'.repeat(300_000) })
    await client.writeFile('a.png', new Uint8Array(original))
    const response = (await client.readPicture('a.png', 200_000))!
    const body = new Uint8Array(await response.arrayBuffer())
    expect(body.length).toBeLessThanOrEqual(200_000)
    const facts = pictureFacts(body)!
    expect(response.headers.get('content-type')).toBe(facts.mime)
    expect(facts.width).toBe(2 * facts.height)
    expect(facts.width).toBeGreaterThan(600)
    expect((await (await client.readFile('a.png'))!.arrayBuffer()).byteLength).toBe(original.length)
  })

  test.each([
    ['broken', 'no picture at all', /cannot be read as a picture \(ValueError\)/],
    ['said to have a billion pixels', png({ declared: [40_000, 40_000] }), /40000 × 40000 pixels, too many/],
    ['never read to its end', png({ padding: 'misbehave: hang' }), /took longer than 5 s/],
    ['one that takes all memory', png({ padding: 'misbehave: eat' }), /more than 1 GiB of memory/],
    ['made into something else', png({ padding: 'misbehave: lie' }), /no picture can be made/],
    ['made into far too many bytes', png({ padding: 'misbehave: flood' }), /no picture can be made/],
    ['too large in every size', png({ width: 300, height: 300 }), /no version of it has 1000 bytes or less/],
  ])('a picture that is %s is refused with the reason, and nothing is left', async (_case, body, reason) => {
    await client.writeFile('a.png', new Uint8Array(Buffer.from(body)))
    const refused = client.readPicture('a.png', reason.source.includes('1000') ? 1_000 : 200_000)
    await expect(refused).rejects.toMatchObject({ code: 'no_picture', message: expect.stringMatching(reason) })
    await expect.poll(() => processesOf('to_picture.py'), { timeout: 30_000 }).toEqual([])
    expect((await client.health()).ok).toBe(true)
  })

  test('what programs leave in their folders is no part of the process', async () => {
    const workspace = newWorkspace()
    const client = runner.client(workspace)
    for await (const event of client.install(['pillow'], 120)) {
      if (event.type === 'done') expect(event.status).toBe('success')
    }
    const planted = await run(runner, program('plant'), { workspace })
    expect(planted.exit.status).toBe('success')
    await client.writeFile('a.png', new Uint8Array(png()))
    expect((await client.readPicture('a.png', 200_000))?.status).toBe(200)
    expect(await client.readFile('taken.txt')).toBeNull()
  })

  test('without Pillow the refusal says what to install', async () => {
    const client = the.runner.client(newWorkspace())
    await client.writeFile('a.png', new Uint8Array(png()))
    await expect(client.readPicture('a.png', 200_000)).rejects.toMatchObject({
      code: 'no_picture',
      message: expect.stringContaining('pip_install Pillow'),
    })
  })

  test.each(['link.png', 'fifo.png', 'nothing.png', 'folder'])('%s is not found', async (path) => {
    const { workspace } = await run(
      the.runner,
      "import os; os.symlink('/etc/hostname', 'link.png'); os.mkfifo('fifo.png'); os.mkdir('folder')",
    )
    expect(await the.runner.client(workspace).readPicture(path, 200_000)).toBeNull()
  })

  test.each([
    '?picture_bytes=',
    '?picture_bytes=999',
    '?picture_bytes=1e5',
    '?picture_bytes=5000&x=1',
    '?bytes=1',
    '?picture_bytes=-5000',
  ])('the query %s is refused', async (query) => {
    const space = newWorkspace()
    await the.runner.client(space).writeFile('a.png', new Uint8Array(png()))
    const answer = await ask(the.runner, 'GET', `/w/${space}/files/a.png${query}`)
    expect(answer).toMatchObject({ status: 400, json: { error: { code: 'bad_request' } } })
  })
}
