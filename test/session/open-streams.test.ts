/** Streams whose readers lose their access, also between the check of a request and the opening of its stream. */
import { expect, test } from 'vitest'
import type { VerifiedCaller } from '../../worker/auth/caller.ts'
import { endable, OpenStreams } from '../../worker/session/http/open-streams.ts'

const caller = (browserId: string, authorizedAt: number): VerifiedCaller => ({
  userId: '0'.repeat(32),
  scopes: [],
  browserId,
  authorizedAt,
})

async function* endless() {
  for (;;) yield new Uint8Array(1)
}

const opened = (streams: OpenStreams, by: VerifiedCaller | null) =>
  endable(endless(), (end) => streams.add(by, end)).getReader()

test('a stream fails when the access of its reader ends, and no other does', async () => {
  const streams = new OpenStreams()
  const [leaves, stays, link] = [
    opened(streams, caller('a', 1)),
    opened(streams, caller('b', 1)),
    opened(streams, null),
  ]
  for (const reader of [leaves, stays, link]) await reader.read()
  streams.end(({ browserId }) => browserId === 'a')
  await expect(leaves.read()).rejects.toThrow('may read it no longer')
  for (const reader of [stays, link]) expect((await reader.read()).done).toBe(false)
})

test('a stream that opens after the end of its reader’s access fails; that of access given since does not', async () => {
  const streams = new OpenStreams()
  streams.end(({ browserId }) => browserId === 'a')
  streams.end(({ authorizedAt }) => authorizedAt <= 10)
  for (const ended of [caller('a', 11), caller('b', 10)])
    await expect(opened(streams, ended).closed).rejects.toThrow('may read it no longer')
  expect((await opened(streams, caller('b', 11)).read()).done).toBe(false)
})
