/** Queries of the paths beside /mcp: what is not known there is refused, and nothing is done. */
import { expect, test } from 'vitest'
import { newUser } from './support/new-user.ts'
import { sendTo } from './support/mcp.ts'

test.each<[string, string]>([
  [
    '/runs?serach=x',
    'there is no "serach". Next: use only status, search, client, tool, from, to, time_zone, before, limit, each once.',
  ],
  [
    '/runs?status=failed',
    'status: "failed" is not valid. Next: give one of "success", "error", "timeout", "cancelled", "lost", "queued", "running", or leave it out.',
  ],
  [
    '/runs?status=error&status=lost',
    '"status" comes twice. Next: use only status, search, client, tool, from, to, time_zone, before, limit, each once.',
  ],
  ...['0', '251', 'ten', '00251'].map((limit): [string, string] => [
    `/runs?limit=${limit}`,
    'limit: it is not valid. Next: give a whole number from 1 to 250, or leave it out.',
  ]),
  ...['yesterday', '2026-02-30', '1969-12-31', '3000-01-01', '2026-1-1', '2026-13-01', ''].map(
    (day): [string, string] => [
      `/runs?from=${day}`,
      'from: it is no day. Next: give one such as "2026-11-28", or leave it out.',
    ],
  ),
  ['/runs?to=2026-11-28T00:00:00Z', 'to: it is no day. Next: give one such as "2026-11-28", or leave it out.'],
  ['/runs?from=2026-11-29&to=2026-11-28', '"from" is after "to". Next: give the earlier day as "from".'],
  [
    '/runs?from=2026-11-28&time_zone=Mars/Olympus',
    'time_zone: there is no such time zone. Next: give one such as "Europe/Berlin", or leave it out for UTC.',
  ],
  ['/runs?before=yesterday', 'before: it is no run_id. Next: give one that GET /runs names, or leave it out.'],
  ['/runs?before=r_00000000000000ff', 'There is no run r_00000000000000ff. Next: begin again without "before".'],
  [`/runs?search=${'x'.repeat(201)}`, 'search: has more than 200 characters. Next: search for fewer words.'],
  ['/learnings?kind=x', 'kind: "x" is not valid. Next: give one of "error", "semantic", or leave it out.'],
  ['/learnings?limit=201', 'limit: it is not valid. Next: give a whole number from 1 to 200, or leave it out.'],
  [
    '/learnings/export?format=csv',
    'format: "csv" is not valid. Next: give one of "json", "original", or leave it out.',
  ],
  [
    '/runs?__proto__=x',
    'there is no "__proto__". Next: use only status, search, client, tool, from, to, time_zone, before, limit, each once.',
  ],
  ['/runs/ID?x=1', 'there is no "x". Next: leave the query out.'],
  ['/runs/ID/events?afer=1.1.0', 'there is no "afer". Next: use only after, each once.'],
  ['/files?limit=3', 'there is no "limit". Next: leave the query out.'],
  ['/files/a.txt?start=true', 'start: it is not valid. Next: give false, or leave it out.'],
  ['/files/a.txt?start=false&x=1', 'there is no "x". Next: use only start, each once.'],
  ['/files/a.txt?download=1', 'there is no "download". Next: leave the query out.'],
  [
    '/files/a.txt?signature=x&download=1',
    'there is no "download". Next: use only user, expires, gate, signature, each once.',
  ],
  ['/config?format=original', 'there is no "format". Next: leave the query out.'],
  ['/learnings?sort=x', 'there is no "sort". Next: use only search, kind, limit, each once.'],
  ['/learnings/export?limit=1', 'there is no "limit". Next: use only format, each once.'],
  ['/learnings/l_0000000000000000?x', 'there is no "x". Next: leave the query out.'],
])('GET %s is refused with 400 and what is possible', async (path, words) => {
  const user = await newUser()
  const id = path.includes('ID') ? await user.run({ code: '1' }) : ''
  const response = await user.get(path.replace('ID', id))
  const { error } = await response.json<{ error: string }>()
  const whole = words.startsWith('There is') ? words : `The query is not valid: ${words}`
  expect([response.status, error]).toEqual([400, whole])
})

test.each([
  ['POST', '/runs?background=true', { code: 'print(1)' }],
  ['DELETE', '/runs/ID?force=1', undefined],
  ['POST', '/learnings/import?format=original', []],
  ['POST', '/config?x=1', {}],
  ['PUT', '/files/a.txt?overwrite=no', 'x'],
  ['DELETE', '/files/a.txt?x', undefined],
])('%s %s does nothing that its query does not say', async (method, path, body) => {
  const user = await newUser()
  const id = await user.run({ code: 'open("a.txt", "w").write("before")' })
  const headers = { authorization: `Bearer ${user.token}`, 'content-length': '3' }
  const refused = await sendTo(path.replace('ID', id), method, body, headers)
  expect([refused.status, await refused.json()]).toEqual([
    400,
    { error: expect.stringMatching(/^The query is not valid: there is no ".+"\. Next: leave the query out\.$/) },
  ])
  expect((await user.list()).runs).toHaveLength(1)
  expect(await (await user.get('/files/a.txt')).text()).toBe('before')
})
