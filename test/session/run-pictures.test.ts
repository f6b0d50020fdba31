/** The pictures in a run's row of the list are those that it made. */
import { expect, test } from 'vitest'
import { allFrames, startRun } from './support/events.ts'
import { sendTo } from './support/mcp.ts'
import { bearer } from './support/oauth.ts'
import { userToken } from './support/users.ts'

test.each([
  ['a file', '', {}],
  ['the pieces of a file', '?upload=in-pieces', { 'content-range': 'bytes 0-2/3' }],
])('a row does not show %s that was uploaded in the place of its picture', async (_, query, range) => {
  const headers = bearer(await userToken(crypto.randomUUID()))
  const code = 'for name in ["kept.png", "replaced.png"]: open(name, "wb").write(b"a picture")'
  await allFrames((await startRun({ code }, headers)).response)
  const pictures = async () => {
    const { runs } = await (await sendTo('/runs', 'GET', undefined, headers)).json<{ runs: { pictures: string[] }[] }>()
    return runs[0]!.pictures
  }
  expect(await pictures()).toEqual(['kept.png', 'replaced.png'])
  const sent = { ...headers, ...range, 'content-length': '3' }
  expect((await sendTo(`/files/replaced.png${query}`, 'PUT', 'x', sent)).status).toBe(200)
  expect(await pictures()).toEqual(['kept.png'])
})

test('a row does not show a file that a later run was given in the place of its picture', async () => {
  const headers = bearer(await userToken(crypto.randomUUID()))
  const code = 'for name in ["kept.png", "replaced.png"]: open(name, "wb").write(b"a picture")'
  await allFrames((await startRun({ code }, headers)).response)
  await allFrames((await startRun({ code: 'print(1)', files: { 'replaced.png': 'x' } }, headers)).response)
  const { runs } = await (await sendTo('/runs', 'GET', undefined, headers)).json<{ runs: { pictures: string[] }[] }>()
  expect(runs.map(({ pictures }) => pictures)).toEqual([undefined, ['kept.png']])
})
