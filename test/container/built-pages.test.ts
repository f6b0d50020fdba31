/** What a browser gets is kept built: the module of the pages, and the view inside chats, are what the sources say. */
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { builtFiles } from '../../container/commands/build-pages.ts'

test('both are built from the sources as they are; if not: npm run build:pages', async () => {
  for (const [path, text] of Object.entries(await builtFiles())) expect(readFileSync(path, 'utf8'), path).toBe(text)
})

test('they are small', async () => {
  const sizes = Object.values(await builtFiles()).map((text) => gzipSync(text).byteLength)
  expect(sizes.filter((bytes) => bytes >= 20_000)).toEqual([])
})

test('the view is one document that names no other', async () => {
  const { VIEW } = await import('../../worker/mcp/view-built.ts')
  expect(VIEW).not.toMatch(
    /https?:|\ssrc=|\shref=|@import|url\(|innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b/,
  )
})
