/** The history over HTTP and as resources: pages, searches, what is refused, and what is one user's alone. */
import { expect, test } from 'vitest'
import { answer, ask, call } from './support/mcp.ts'
import { type Listed, newUser } from './support/new-user.ts'

test('the history is read page by page, by status and by words, and each answer says where it goes on', async () => {
  const user = await newUser()
  const sum = await user.run({ code: 'print(1 + 1)', description: 'Sum 100% of it' })
  const broken = await user.run({ code: 'import json\nraise KeyError("price")', description: 'Sum the prices' })
  const image = await user.run({ code: 'canvas = "image"' })

  const first = await user.get('/runs?limit=2')
  const { runs, next } = await first.json<Listed>()
  expect(runs).toMatchObject([
    { run_id: image, description: '', program_line: 'canvas = "image"', error: null, tool: 'POST /runs' },
    { run_id: broken, description: 'Sum the prices', error: { type: 'KeyError', message: "'price'" } },
  ])
  expect(next).toBe(`/runs?limit=2&before=${broken}`)
  expect(first.headers.get('link')).toBe(`<${next}>; rel="next"`)
  const last = await user.get(next!)
  expect([await last.json(), last.headers.get('link')]).toEqual([
    { runs: [expect.objectContaining({ run_id: sum })], next: null },
    null,
  ])

  const ids = async (query: string) => (await user.list(query)).runs.map(({ run_id }) => run_id)
  expect(await ids('?status=error')).toEqual([broken])
  expect(await ids('?search=sum')).toEqual([broken, sum])
  expect(await ids('?search=100%25')).toEqual([sum])
  expect(await ids('?search=Image%20canvas')).toEqual([image])
  expect(await ids('?search=sum&status=success')).toEqual([sum])
  expect(await ids('?search=nowhere')).toEqual([])
  expect(await ids('?tool=POST%20%2Fruns&client=http')).toEqual([image, broken, sum])
  expect(await ids('?tool=run_python')).toEqual([])
  expect(await ids('?client=somebody')).toEqual([])
  expect((await user.list('?client=http&limit=1')).next).toBe(`/runs?client=http&limit=1&before=${image}`)
  expect((await user.list('?search=sum%20%25&limit=1')).next).toBeNull()
  expect((await user.list('?search=sum&limit=1')).next).toBe(`/runs?search=sum&limit=1&before=${broken}`)
})

test('a run that made pictures names them in the list, and no other has a word of it', async () => {
  const user = await newUser()
  await user.run({ code: 'print(1)' })
  await user.run({ code: 'for name in ["b.png", "a.jpg", "c.svg"]: open(name, "w").write("x")' })
  const { runs } = await user.list()
  expect(runs.map((run) => ('pictures' in run ? run.pictures : null))).toEqual([['a.jpg', 'b.png'], null])
})

test('a receipt has the program without its secrets, what was asked, and what was found', async () => {
  const user = await newUser()
  const code = 'import helper, nowhere_to_be_found\nkey = "sk-ant-api03-Qx7vTz91LmPpRkY2wB4nHcJdF6sGaE8uVoZiXtCq"'
  const files = { 'helper.py': 'x = 1' }
  const args = { code, files, description: 'Try It', stdin: 'ü', timeout: 7, auto_install: false }
  const frame = await answer(await ask(user.token, call(1, 'run_python', args)))
  const { run_id } = (frame.result!._meta as { 'codemode/data': { run_id: string } })['codemode/data']
  const receipt = await (await user.get(`/runs/${run_id}`)).json()
  expect(receipt).toMatchObject({
    run_id,
    status: 'error',
    description: 'Try It',
    objective: 'try it',
    client: 'test',
    tool: 'run_python',
    arguments: { timeout_s: 7, auto_install: false, files: [{ path: 'helper.py', bytes: 5 }], stdin_bytes: 2 },
    checked: {
      imports: { local: ['helper'], missing: ['nowhere_to_be_found'] },
      refused: [expect.stringContaining('nowhere_to_be_found')],
    },
    program: 'import helper, nowhere_to_be_found\nkey = "[redacted]"',
    program_chars: code.length,
    outcome: { status: 'error', error: { type: 'ModuleNotFoundError' } },
  })
  expect(JSON.stringify(receipt)).not.toContain('sk-ant')
  const read = async (uri: string) => {
    const asked = { jsonrpc: '2.0', id: 2, method: 'resources/read', params: { uri } }
    return JSON.parse((await answer(await ask(user.token, asked))).result!.contents![0]!.text)
  }
  expect(await read(`codemode://runs/${run_id}`)).toEqual(receipt)
  expect(await read('codemode://runs')).toMatchObject({ runs: [{ run_id, description: 'Try It' }] })
})

test('a list of resources tells runs apart', async () => {
  const user = await newUser()
  await user.run({ code: 'x = 1' })
  await user.run({ code: 'raise ValueError("no")', description: 'Fail\n on   purpose' })
  const asked = { jsonrpc: '2.0', id: 2, method: 'resources/list', params: {} }
  const { resources } = (await answer(await ask(user.token, asked))).result as unknown as {
    resources: { uri: string; title: string; description: string }[]
  }
  const runs = resources.filter(({ uri }) => uri.startsWith('codemode://runs/'))
  expect(runs.map(({ title, description }) => [title, description.replace(/\d{4}-.*Z$/, '…')])).toEqual([
    ['Fail on purpose', 'error: ValueError, …'],
    ['x = 1', 'success, …'],
  ])
})

test('nobody finds, pages from or explains a run of somebody else', async () => {
  const [owner, stranger] = [await newUser(), await newUser()]
  const id = await owner.run({ code: 'secret_plan = 1', description: 'secret plan' })
  await stranger.run({ code: '1' })
  expect((await owner.list('?search=secret')).runs).toHaveLength(1)
  expect((await stranger.list('?search=secret')).runs).toEqual([])
  const paged = await stranger.get(`/runs?before=${id}`)
  const never = await stranger.get('/runs?before=r_00000000000000ff')
  expect((await paged.text()).replaceAll(id, 'ID')).toBe((await never.text()).replaceAll('r_00000000000000ff', 'ID'))
  const listed = await answer(await ask(stranger.token, call(1, 'runs', { search: 'secret' })))
  expect(JSON.stringify(listed)).not.toContain('secret_plan')
  const explain = { method: 'prompts/get', params: { name: 'explain_run', arguments: { run_id: id } } }
  const prompt = async (token: string) => answer(await ask(token, { jsonrpc: '2.0', id: 3, ...explain }))
  expect(JSON.stringify(await prompt(owner.token))).toContain('secret_plan = 1')
  expect((await prompt(stranger.token)).error).toMatchObject({
    code: -32602,
    message: `There is no run ${id}; old ones are forgotten. Next: give one that codemode://runs lists.`,
  })
})
