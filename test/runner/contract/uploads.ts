/** Files that come in pieces: whole under their names, or not there. */
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ask, open } from '../../support/raw.ts'
import type { RunningRunner } from '../../support/runner.ts'
import { type Contract, newWorkspace, run } from './context.ts'

const MIB = 1024 ** 2
const DAY_S = 86_400

export function uploads(the: Contract): void {
  /** Sends a piece of a file, and returns the status with what is said of it. */
  async function send(
    workspace: string,
    piece: { from: number; bytes: number; upload?: string; path?: string; more?: string; body: Buffer },
    runner: RunningRunner = the.runner,
  ): Promise<[number, unknown]> {
    const { status, json } = await ask(runner, 'PUT', at(workspace, piece), { body: piece.body })
    return [status, json]
  }
  const at = (
    workspace: string,
    { from, bytes, upload = 'upload-1', path = 'big.bin', more = '' }: Omit<Parameters<typeof send>[1], 'body'>,
  ) => `/w/${workspace}/files/${path}?upload=${upload}&from=${from}&bytes=${bytes}${more}`
  const state = async (workspace: string, upload = 'upload-1') => {
    const { status, json } = await ask(the.runner, 'GET', `/w/${workspace}/files/big.bin?upload=${upload}`)
    return [status, json] as const
  }
  const known = (received: number, bytes: number, done = received === bytes) => ({
    path: 'big.bin',
    upload: 'upload-1',
    bytes,
    received,
    done,
  })
  const names = async (workspace: string) =>
    (await the.runner.client(workspace).listFiles()).files.map(({ path }) => path)
  const content = async (workspace: string) =>
    Buffer.from(await (await the.runner.client(workspace).readFile('big.bin'))!.arrayBuffer())
  const kept = (workspace: string) => {
    const folder = join(the.runner.root, workspace, 'uploads')
    return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.part')) : []
  }

  test('a file stands under its name when its last piece has come, and not before; to send that again changes nothing', async () => {
    const workspace = newWorkspace()
    const file = randomBytes(3 * MIB + 1)
    const bytes = file.length
    expect(await state(workspace)).toMatchObject([404, { error: { code: 'not_found' } }])
    for (const from of [0, MIB, 2 * MIB]) {
      expect(await names(workspace)).toEqual([])
      const body = file.subarray(from, from + MIB)
      expect(await send(workspace, { from, bytes, body })).toEqual([202, known(from + MIB, bytes)])
      expect(await state(workspace)).toEqual([200, known(from + MIB, bytes)])
    }
    const { uploads: waiting } = await the.runner.client(workspace).listFiles()
    expect(waiting).toEqual([{ ...known(3 * MIB, bytes), modified: expect.any(String) }])
    const last = { from: 3 * MIB, bytes, body: file.subarray(3 * MIB) }
    expect(await send(workspace, last)).toEqual([200, known(bytes, bytes)])
    expect(await send(workspace, last)).toEqual([200, known(bytes, bytes)])
    expect((await content(workspace)).equals(file)).toBe(true)
    expect(await the.runner.client(workspace).listFiles()).toMatchObject({ files: [{ bytes }], uploads: [] })
    expect(kept(workspace)).toEqual([])
    const { stdout } = await run(the.runner, "import os; print(os.stat('big.bin').st_mode & 0o777 == 0o644)", {
      workspace,
    })
    expect(stdout).toBe('True\n')
    // The same name of an upload begins another one.
    expect(await send(workspace, { from: 0, bytes: 4, body: Buffer.from('ab') })).toEqual([202, known(2, 4)])
    expect((await content(workspace)).equals(file)).toBe(true)
  })

  test('what has come of a piece that breaks off is kept, and the rest may come in a piece that begins there', async () => {
    const workspace = newWorkspace()
    const file = randomBytes(2 * MIB)
    const headers = { 'content-length': `${file.length}` }
    const outgoing = open(the.runner, 'PUT', at(workspace, { from: 0, bytes: file.length }), {
      body: file.subarray(0, MIB),
      headers,
      unfinished: true,
    })
    outgoing.on('error', () => {}) // it is broken off below
    await expect.poll(() => state(workspace)).toEqual([200, known(MIB, file.length)])
    outgoing.destroy()
    expect(await names(workspace)).toEqual([])
    const body = file.subarray(MIB)
    expect(await send(workspace, { from: MIB, bytes: file.length, body })).toMatchObject([200, { done: true }])
    expect((await content(workspace)).equals(file)).toBe(true)
  })

  test('a newer request for the same place takes an upload over from one that does not come to its end', async () => {
    const workspace = newWorkspace()
    const file = randomBytes(2 * MIB)
    const slow = open(the.runner, 'PUT', at(workspace, { from: 0, bytes: file.length }), {
      body: file.subarray(0, MIB),
      headers: { 'content-length': `${file.length}` },
      unfinished: true,
    })
    await expect.poll(() => state(workspace)).toEqual([200, known(MIB, file.length)])
    const rest = file.subarray(MIB)
    expect(await send(workspace, { from: MIB, bytes: file.length, body: rest })).toMatchObject([200, { done: true }])
    const answered = new Promise<number>((resolve) => slow.once('response', ({ statusCode }) => resolve(statusCode!)))
    slow.end(randomBytes(MIB))
    expect(await answered).toBe(409)
    expect((await content(workspace)).equals(file)).toBe(true)
  })

  test('two uploads of the same name at once do not mix', async () => {
    const workspace = newWorkspace()
    const files = [randomBytes(MIB), randomBytes(MIB)]
    for (const from of [0, MIB / 2])
      await Promise.all(
        files.map((file, index) => {
          const body = file.subarray(from, from + MIB / 2)
          return send(workspace, { from, bytes: MIB, upload: `upload-${index}`, body })
        }),
      )
    const stored = await content(workspace)
    expect(files.filter((file) => file.equals(stored))).toHaveLength(1)
  })

  test('a piece that begins elsewhere, or belongs to a file of another length or content, is refused', async () => {
    const workspace = newWorkspace()
    const piece = { from: 0, bytes: 6, body: Buffer.from('abc') }
    const conflict = (words: RegExp) => [409, { error: { code: 'conflict', message: expect.stringMatching(words) } }]
    expect(await send(workspace, { ...piece, from: 3 })).toEqual(conflict(/^0 bytes of the upload are here/))
    await send(workspace, piece)
    expect(await send(workspace, piece)).toEqual(conflict(/^3 bytes of the upload are here/))
    expect(await send(workspace, { ...piece, from: 2 })).toEqual(conflict(/^3 bytes of the upload are here/))
    expect(await send(workspace, { ...piece, from: 3, bytes: 7 })).toEqual(
      conflict(/for a file of 6 bytes.*has changed/),
    )
    expect(await state(workspace)).toEqual([200, known(3, 6)])
    const more = `&sha256=${createHash('sha256').update('abcdef').digest('hex')}`
    expect(await send(workspace, { ...piece, from: 3, body: Buffer.from('dex'), more })).toMatchObject([
      400,
      { error: { message: expect.stringMatching(/another SHA-256 .* nothing was stored/) } },
    ])
    expect([await names(workspace), kept(workspace)]).toEqual([[], []])
    await send(workspace, piece)
    expect(await send(workspace, { ...piece, from: 3, body: Buffer.from('def'), more })).toMatchObject([200, {}])
    expect((await content(workspace)).toString()).toBe('abcdef')
  })

  test.each([
    [{ upload: 'short' }, 400],
    [{ upload: '../../../x' }, 400],
    [{ more: '&other=1' }, 400],
    [{ more: '&sha256=x' }, 400],
    [{ from: 7 }, 400],
    [{ path: '..%2fx' }, 400],
    [{ bytes: 2 * 1024 * MIB }, 413],
    [{ bytes: 9 * MIB, more: `&workspace_bytes=${8 * MIB}` }, 507],
  ])('a piece with %o is refused, and nothing of it is kept', async (odd, status) => {
    const workspace = newWorkspace()
    const [got] = await send(workspace, { from: 0, bytes: 6, body: Buffer.from('abc'), ...odd })
    expect([got, kept(workspace)]).toEqual([status, []])
  })

  test('room is asked for with each piece, for all that is to come; what has come waits for room', async () => {
    const workspace = newWorkspace()
    const more = `&workspace_bytes=${8 * MIB}`
    const file = randomBytes(6 * MIB)
    const pieces = [0, 3 * MIB].map((from) => ({
      from,
      bytes: file.length,
      more,
      body: file.subarray(from, from + 3 * MIB),
    }))
    expect(await send(workspace, pieces[0]!)).toMatchObject([202, {}])
    await the.runner.client(workspace).writeFile('other.bin', Buffer.alloc(4 * MIB))
    expect(await send(workspace, pieces[1]!)).toMatchObject([507, { error: { code: 'quota' } }])
    expect(await state(workspace)).toEqual([200, known(3 * MIB, file.length)])
    await the.runner.client(workspace).deleteFile('other.bin')
    expect(await send(workspace, pieces[1]!)).toMatchObject([200, {}])
    expect((await content(workspace)).equals(file)).toBe(true)
  })

  test('an upload that is dropped, not continued for a day, or in an emptied workspace is gone', async () => {
    const piece = { from: 0, bytes: 6, body: Buffer.from('abc') }
    const address = (workspace: string) => `/w/${workspace}/files/big.bin?upload=upload-1`
    const [dropped, emptied, old] = [newWorkspace(), newWorkspace(), newWorkspace()]
    for (const workspace of [dropped, emptied, old]) await send(workspace, piece)
    expect((await ask(the.runner, 'DELETE', address(dropped))).json).toEqual(known(3, 6))
    await the.runner.client(emptied).reset()
    const folder = join(the.runner.root, old, 'uploads')
    for (const name of readdirSync(folder)) utimesSync(join(folder, name), 0, Date.now() / 1000 - DAY_S - 1)
    await the.runner.client(old).listFiles()
    for (const workspace of [dropped, emptied, old]) {
      expect([(await state(workspace))[0], kept(workspace)]).toEqual([404, []])
      expect((await ask(the.runner, 'DELETE', address(workspace))).status).toBe(404)
    }
  })

  test('what has come outlives the runner; one that starts removes what nobody has continued for a day', async () => {
    const names = (upload: string) => createHash('sha256').update(`${upload}\0big.bin`).digest('hex').slice(0, 32)
    const planted = async (root: string) => {
      for (const [workspace, modified] of [
        ['new', Date.now() / 1000],
        ['old', Date.now() / 1000 - DAY_S - 1],
      ] as const) {
        const folder = join(root, workspace, 'uploads')
        mkdirSync(folder, { recursive: true })
        const stem = join(folder, names('upload-1'))
        writeFileSync(`${stem}.part`, 'abc')
        writeFileSync(`${stem}.json`, JSON.stringify({ path: 'big.bin', upload: 'upload-1', bytes: 6, done: false }))
        for (const end of ['part', 'json']) utimesSync(`${stem}.${end}`, modified, modified)
      }
    }
    const other = await the.start({ prepare: planted })
    try {
      await expect.poll(() => readdirSync(join(other.root, 'old', 'uploads'))).toEqual([])
      const piece = { from: 3, bytes: 6, body: Buffer.from('def') }
      expect(await send('new', piece, other)).toEqual([200, known(6, 6)])
    } finally {
      await other.stop()
    }
  })
}
