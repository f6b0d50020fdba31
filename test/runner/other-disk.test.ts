/** A working folder that is not on the disk of the runner's own folders. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ask } from '../support/raw.ts'
import { startRunner } from '../support/runner.ts'

test.skipIf(!existsSync('/dev/shm'))('gets a file that comes in pieces when it is whole, too', async () => {
  const files = await mkdtemp('/dev/shm/other-disk-')
  const runner = await startRunner({ files })
  const send = async (from: number, body: string) =>
    (await ask(runner, 'PUT', `/w/w1/files/in/big.bin?upload=upload-1&from=${from}&bytes=6`, { body })).status
  try {
    expect(await send(0, 'abc')).toBe(202)
    expect(readdirSync(files)).toEqual([])
    expect(await send(3, 'def')).toBe(200)
    expect(readdirSync(join(files, 'in'))).toEqual(['big.bin'])
    expect(readFileSync(join(files, 'in', 'big.bin'), 'utf8')).toBe('abcdef')
    expect(readdirSync(join(runner.root, 'w1', 'uploads')).filter((name) => name.endsWith('.part'))).toEqual([])
  } finally {
    await runner.stop()
    await rm(files, { recursive: true })
  }
})
