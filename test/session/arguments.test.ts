/** Arguments as models send them, with real programs, in each lane and over plain HTTP. */
import { expect, test } from 'vitest'
import { dataOf } from '../support/tool-result.ts'
import { allFrames, startRun } from './support/events.ts'
import { answer, ask, call, openSession, send, sendTo, workspace } from './support/mcp.ts'
import { userToken } from './support/users.ts'

/** Lines of 76, as MIME and the command base64 break them. */
const WRAPPED = 'QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0\nNTY3ODk=\n'
const size = (name: string) => `import os\nprint(os.path.getsize(${JSON.stringify(name)}))`

/** What, the arguments, and what the program prints. */
const CASES: [string, object, string][] = [
  ['a number in a text', { code: 'print("ok")', timeout: '60' }, 'ok\n'],
  [
    'null for everything that is optional',
    {
      code: 'print(input() if False else "ok")',
      description: null,
      timeout: null,
      auto_install: null,
      files: null,
      stdin: null,
      show_last: null,
      background: null,
    },
    'ok\n',
  ],
  ['a boolean in a text', { code: '6 * 7', show_last: 'True', background: 'false' }, '42\n'],
  ['files in a text', { code: 'print(open("sf.txt").read())', files: '{"sf.txt":"x"}' }, 'x\n'],
  ['base64 in lines', { code: size('wrap.bin'), files: { 'wrap.bin': { base64: WRAPPED } } }, '62\n'],
  ['a data URI', { code: size('uri.bin'), files: { 'uri.bin': `data:image/png;base64,${WRAPPED}` } }, '62\n'],
  [
    'variables as numbers and in a text',
    { code: 'import os\nprint(os.environ["PORT"], os.environ["MODE"])', env: '{"PORT": 8080, "MODE": true}' },
    '8080 true\n',
  ],
  ['JSON as a text', { code: 'print(repr(input()))', stdin: '{"timeout": null}' }, '\'{"timeout": null}\'\n'],
  ['a program that looks like a number', { code: '30', stdin: 'true' }, '30\n'],
]

test.each(CASES)('%s, from a client of 2025', async (_what, args, stdout) => {
  const { result } = await answer(await send('POST', call(1, 'run_python', args), await openSession()))
  expect(dataOf(result)).toMatchObject({ status: 'success', stdout })
})

test.each(CASES)('%s, from a client of 2026', async (_what, args, stdout) => {
  const { result } = await answer(await ask('session-tests', call(1, 'run_python', args)))
  expect(dataOf(result)).toMatchObject({ status: 'success', stdout })
})

test.each(CASES)('%s, to POST /runs', async (_what, args, stdout) => {
  const frames = await allFrames((await startRun(args)).response)
  expect(frames.at(-1)?.data.outcome).toMatchObject({ status: 'success', stdout })
})

test.each<[string, object, string]>([
  [
    'a word for a number',
    { timeout: 'thirty' },
    'timeout: "thirty" is not valid. Next: give a whole number from 1 to 900',
  ],
  [
    'a variable that is not the caller’s',
    { env: { PYTHONPATH: '/x' } },
    'env: "PYTHONPATH" is set by the server and decides how programs start. Next: leave it out',
  ],
  [
    'a word for a boolean',
    { show_last: 'yes please' },
    'show_last: "yes please" is not valid. Next: give true or false',
  ],
  ['null for what is needed', { code: null }, 'code: it is missing. Next: give a text.'],
  ['no base64', { files: { x: 'data:;base64,?' } }, 'files.x: is not valid base64. Next: '],
  ['an unknown argument', { path: '/' }, 'There is no argument "path". Next: use only code, '],
])('%s is refused with the valid form, and nothing is run', async (_what, args, words) => {
  const given = { code: 'open("ran", "w")', ...args }
  const { result } = await answer(await ask('session-tests', call(1, 'run_python', given)))
  expect(result).toMatchObject({ isError: true, content: [{ text: expect.stringContaining(words) }] })
  const refused = await sendTo('/runs', 'POST', given)
  expect(refused.status).toBe(400)
  expect(await refused.json()).toEqual({ error: expect.stringContaining(words) })
  expect((await (await workspace()).listFiles()).files.map(({ path }) => path)).not.toContain('ran')
})

test('null leaves the action of configure at view, for which no scope is needed', async () => {
  const reader = await userToken('Null', [])
  const viewed = call(1, 'configure', { action: null, key: null })
  const { result } = await answer(await ask(reader, viewed))
  expect(result).toMatchObject({ content: [{ text: expect.stringContaining('all at their defaults') }] })
})
