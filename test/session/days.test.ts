/** Days of a query as moments, in the runtime that serves: also where a zone's clocks are moved. */
import { expect, test } from 'vitest'
import { momentsOf } from '../../worker/session/http/days.ts'
import { newUser } from './support/new-user.ts'

test.each([
  [undefined, '2026-11-28', '2026-11-28', '2026-11-28T00:00:00.000Z', '2026-11-29T00:00:00.000Z'],
  ['Europe/Berlin', '2026-10-25', '2026-10-25', '2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z'],
  ['America/New_York', '2026-11-28', '2026-11-30', '2026-11-28T05:00:00.000Z', '2026-12-01T05:00:00.000Z'],
  ['Asia/Kathmandu', '2026-12-31', '2026-12-31', '2026-12-30T18:15:00.000Z', '2026-12-31T18:15:00.000Z'],
  // The clocks skip midnight: the day begins at one.
  ['America/Santiago', '2026-09-06', '2026-09-06', '2026-09-06T04:00:00.000Z', '2026-09-07T03:00:00.000Z'],
  // A day that never was there.
  ['Pacific/Apia', '2011-12-30', '2011-12-30', '2011-12-30T10:00:00.000Z', '2011-12-30T10:00:00.000Z'],
])('in %s the days %s to %s are whole', (time_zone, from, to, since, until) => {
  const moments = momentsOf({ from, to, time_zone })
  expect([new Date(moments.since!).toISOString(), new Date(moments.until!).toISOString()]).toEqual([since, until])
})

test('an open end is left open', () => {
  expect(momentsOf({})).toEqual({})
  expect(momentsOf({ from: '1970-01-01' })).toEqual({ since: 0 })
  expect(momentsOf({ to: '2999-12-31' })).toEqual({ until: Date.parse('3000-01-01') })
})

test('runs of today are listed, those of other days are not, and the address of the older ones keeps the days', async () => {
  const user = await newUser()
  await user.run({ code: '1' })
  const last = await user.run({ code: '2' })
  const [today, yesterday] = [0, 1].map((days) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10))
  const listed = async (query: string) => (await user.list(query)).runs.length
  expect([
    await listed(`?from=${yesterday}`),
    await listed(`?from=${yesterday}&to=${today}`),
    await listed(`?to=${yesterday}`),
    await listed('?from=2999-01-01'),
  ]).toEqual([2, 2, 0, 0])
  const query = `from=${yesterday}&to=${today}&time_zone=Etc%2FUTC&limit=1`
  expect((await user.list(`?${query}`)).next).toBe(`/runs?${query}&before=${last}`)
})
