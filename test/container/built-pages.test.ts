/** The module of the pages is kept built: what a browser gets is what the sources say. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { builtClient } from '../../container/commands/build-pages.ts'

const BUILT = fileURLToPath(new URL('../../worker/web/client-built.ts', import.meta.url))

test('it is built from the sources as they are; if not: npm run build:pages', async () => {
  expect(readFileSync(BUILT, 'utf8')).toBe(await builtClient())
})

test('it is small', () => {
  expect(gzipSync(readFileSync(BUILT)).byteLength).toBeLessThan(10_000)
})
