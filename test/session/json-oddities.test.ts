/** JSON that no client of ours sends, to everything that reads JSON: a 4xx or a JSON-RPC error, never a 500, and nothing is run. */
import { SELF } from 'cloudflare:test'
import { beforeAll, expect, test } from 'vitest'
import { call, openSession, sendTo } from './support/mcp.ts'
import { bearer, ORIGIN } from './support/oauth.ts'
import { userToken } from './support/users.ts'

const LIST = { jsonrpc: '2.0', id: 1, method: 'tools/list' }
const DEEP = 100_000
const nestedLists = '['.repeat(DEEP) + ']'.repeat(DEEP)
const nestedObjects = `${'{"a":'.repeat(DEEP)}1${'}'.repeat(DEEP)}`
const list = JSON.stringify(LIST)
const calls = (count: number) =>
  JSON.stringify(Array.from({ length: count }, (_, id) => call(id, 'run_python', { code: 'open("ran", "w")' })))

let all: string
let reading: string
let session: Record<string, string>
beforeAll(async () => {
  ;[all, reading] = await Promise.all([userToken('Json'), userToken('Json', [])])
  session = await openSession(all)
})

/** Its status; of what is answered with 200, the JSON-RPC error's code, or `result`. */
async function outcome(path: string, body: BodyInit, token: string, headers: Record<string, string> = {}) {
  const json = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
  const init = { method: 'POST', body, headers: { host: 'localhost', ...json, ...bearer(token), ...headers } }
  const response = await SELF.fetch(new Request(ORIGIN + path, init))
  const text = await response.text()
  if (response.status !== 200 || path !== '/mcp') return response.status
  const last = [...text.matchAll(/^data: (\{.*\})$/gm)].at(-1)?.[1] ?? text
  const { error, result } = JSON.parse(last)
  return error?.code ?? (result.isError === true ? 'isError' : 'result')
}

/** What, the body, and the outcome: of /mcp in a session, without one, with a token that may only read; of /runs; of registration. */
test.each<[string, BodyInit, Outcome, Outcome, Outcome, number, number]>([
  ['nothing', '', 400, 400, 400, 400, 400],
  ['blanks', ' \n\t', 400, 400, 400, 400, 400],
  ['a byte order mark alone', '\ufeff', 400, 400, 400, 400, 400],
  ['half a message', list.slice(0, -3), 400, 400, 400, 400, 400],
  ['a message and more', `${list}x`, 400, 400, 400, 400, 400],
  ['two messages', list + list, 400, 400, 400, 400, 400],
  ['a comment', `/* */${list}`, 400, 400, 400, 400, 400],
  ['quotation marks of JavaScript', "{'jsonrpc':'2.0'}", 400, 400, 400, 400, 400],
  ['a raw NUL', list.replace('list', '\u0000'), 400, 400, 400, 400, 400],
  ['UTF-16', new Uint8Array([0xff, 0xfe, 0x7b, 0, 0x7d, 0]), 400, 400, 400, 400, 400],
  ['null', 'null', 400, 400, 400, 400, 400],
  ['true', 'true', 400, 400, 400, 400, 400],
  ['a number', '1e999', 400, 400, 400, 400, 400],
  ['a text', '"tools/list"', 400, 400, 400, 400, 400],
  ['half a character', new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22]), 400, 400, 400, 400, 400],
  ['an empty list', '[]', 400, 400, 400, 400, 400],
  ['an empty object', '{}', 400, 400, 400, 400, 400],
  ['lists in lists', nestedLists, 400, 400, 400, 400, 413],
  ['lists in a list', `[[[[${list}]]]]`, 400, 400, 400, 400, 400],
  ['objects in objects', nestedObjects, 400, 400, 400, 400, 413],
  [
    'deep parameters',
    `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${nestedObjects}}`,
    -32602,
    413,
    413,
    400,
    413,
  ],
  [
    'deep arguments',
    `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"run_python","arguments":{"code":${nestedLists}}}}`,
    'isError',
    413,
    403,
    400,
    413,
  ],
  ['a batch of 10⁴ questions', JSON.stringify(Array.from({ length: 10_000 }, () => LIST)), 400, 413, 413, 400, 413],
  ['a batch of 10⁴ calls', calls(10_000), 400, 413, 403, 400, 413],
  ['a batch of 10⁴ nothings', `[${'null,'.repeat(9_999)}null]`, 400, 400, 400, 400, 400],
  ['a batch of 101', JSON.stringify(Array.from({ length: 101 }, () => LIST)), 400, 400, 400, 400, 400],
  ['a batch of one and something', `[${list},1]`, 400, 400, 400, 400, 400],
  [
    'a method twice, the second unknown',
    '{"jsonrpc":"2.0","id":1,"method":"tools/list","method":"nope"}',
    -32601,
    400,
    400,
    400,
    400,
  ],
  ['an id twice', '{"jsonrpc":"2.0","id":1,"id":{},"method":"tools/list"}', 400, 400, 400, 400, 400],
  ['__proto__', '{"jsonrpc":"2.0","id":1,"method":"tools/list","__proto__":{"params":{}}}', 400, 400, 400, 400, 400],
  [
    '__proto__ as parameters',
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"__proto__":{"name":"run_python"}}}',
    -32602,
    400,
    400,
    400,
    400,
  ],
  ['__proto__ as a tool', JSON.stringify(call(1, '__proto__', {})), -32602, 400, 400, 400, 400],
  ['constructor as a tool', JSON.stringify(call(1, 'constructor', {})), -32602, 400, 400, 400, 400],
  ['constructor as a method', '{"jsonrpc":"2.0","id":1,"method":"constructor"}', -32601, 400, 400, 400, 400],
  [
    'a method of 100 kB',
    `{"jsonrpc":"2.0","id":1,"method":"${'m'.repeat(100_000)}"}`,
    -32602,
    -32602,
    -32602,
    400,
    413,
  ],
  ['an object as the id', '{"jsonrpc":"2.0","id":{},"method":"tools/list"}', 400, 400, 400, 400, 400],
  ['infinity as the id', '{"jsonrpc":"2.0","id":1e999,"method":"tools/list"}', 400, 400, 400, 400, 400],
  ['a fraction as the id', '{"jsonrpc":"2.0","id":1.5,"method":"tools/list"}', 400, 400, 400, 400, 400],
  ['half a character as the id', '{"jsonrpc":"2.0","id":"\\ud800","method":"nope"}', -32601, 400, 400, 400, 400],
  ['another version', '{"jsonrpc":"1.0","id":1,"method":"tools/list"}', 400, 400, 400, 400, 400],
  ['no version', '{"id":1,"method":"tools/list"}', 400, 400, 400, 400, 400],
  ['a list as parameters', '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":[1]}', 400, 400, 400, 400, 400],
  ['a question after a byte order mark', `\ufeff${list}`, 'result', 400, 400, 400, 400],
  ['an answer to no question', '{"jsonrpc":"2.0","id":99,"result":{}}', 202, 400, 400, 400, 400],
  ['more than 4 MiB', `"${'x'.repeat(4 * 1024 ** 2)}"`, 413, 413, 413, 413, 413],
])('%s', async (_what, body, inSession, without, read, runs, registration) => {
  expect(await outcome('/mcp', body, all, session), 'in a session').toBe(inSession)
  expect(await outcome('/mcp', body, all), 'without a session').toBe(without)
  expect(await outcome('/mcp', body, reading), 'with a token that may only read').toBe(read)
  expect(await outcome('/runs', body, all), 'to /runs').toBe(runs)
  expect(await outcome('/oauth/register', body, all), 'as a client').toBe(registration)
  for (const path of ['/learnings/import', '/config']) {
    expect([200, 400, 413], path).toContain(await outcome(path, body, all))
  }
})

type Outcome = number | 'result' | 'isError'

test('nothing was run, learned or set by any of it', async () => {
  const read = async (path: string) => (await sendTo(path, 'GET', undefined, bearer(all))).json()
  expect(await read('/runs')).toEqual({ runs: [], next: null })
  expect(await read('/files')).toMatchObject({ files: [], cut: false })
  expect(await read('/learnings')).toMatchObject({ total: 0 })
  expect(await read('/config')).toMatchObject({ default_timeout: 50, auto_install: true })
})

test('settings and learnings take no key of every object', async () => {
  const send = (path: string, body: string) =>
    SELF.fetch(`${ORIGIN}${path}`, {
      method: 'POST',
      body,
      headers: { host: 'localhost', 'content-type': 'application/json', ...bearer(all) },
    })
  await send('/config', '{"__proto__":{"default_timeout":1},"constructor":1,"toString":1}')
  await send('/learnings/import', '[{"__proto__":{"error_pattern":"E","solution":"s","context":"c"}}]')
  expect(({} as Record<string, unknown>)['default_timeout']).toBe(undefined)
  const config = await (await sendTo('/config', 'GET', undefined, bearer(all))).json()
  expect(config).toMatchObject({ default_timeout: 50 })
  expect(await (await sendTo('/learnings', 'GET', undefined, bearer(all))).json()).toMatchObject({ total: 0 })
})
