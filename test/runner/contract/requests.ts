/** What the runner refuses, and that a refusal is always JSON with a code and a message and never a 500. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { errorAnswer } from '../../../worker/run/contract/protocol.ts'
import { type Answer, answerTo, ask, open, type RawRequest } from '../../support/raw.ts'
import { type Contract, newWorkspace, request } from './context.ts'

const MIB = 1024 ** 2

const BAD_FIELDS: [string, unknown][] = [
  ['id', ''],
  ['id', '../x'],
  ['id', 'a b'],
  ['id', 'x'.repeat(65)],
  ['id', 'line\n'],
  ['id', 7],
  ['id', undefined],
  ['code', undefined],
  ['code', null],
  ['code', ['print(1)']],
  ['timeout_s', -5],
  ['timeout_s', 0],
  ['timeout_s', 0.05],
  ['timeout_s', 900.5],
  ['timeout_s', '50'],
  ['timeout_s', true],
  ['timeout_s', null],
  ['orphan_grace_s', -1],
  ['orphan_grace_s', 901],
  ['limits', { memory: 1 }],
  ['limits', { memory_bytes: 0 }],
  ['limits', { memory_bytes: -1 }],
  ['limits', { processes: 0 }],
  ['limits', { processes: 1.5 }],
  ['limits', { processes: true }],
  ['limits', { open_files: '64' }],
  ['limits', { output_bytes: -1 }],
  ['limits', { output_bytes: 1e300 }],
  ['limits', []],
  ['files', []],
  ['files', 'a.txt'],
  ['stdin', 7],
  ['env', { PYTHONPATH: '/x' }],
  ['env', { PYTHONINSPECT: '1' }],
  ['env', { LD_PRELOAD: '/x' }],
  ['env', { PATH: '/x' }],
  ['env', { HOME: '/x' }],
  ['env', { TMPDIR: '/x' }],
  ['env', { 'A=B': 'x' }],
  ['env', { '1A': 'x' }],
  ['env', { A: 'nul\0' }],
  ['env', { A: 1 }],
  ['env', ['A=1']],
  ['show_last', 'yes'],
  ['show_last', 1],
  ['show_last', null],
  ['timeout', 50],
  ['__proto__x', 1],
]

const BAD_BODIES: [string, string | Buffer][] = [
  ['nothing', ''],
  ['no JSON', 'code=print(1)'],
  ['cut JSON', '{"id": "r_1", "code": "print('],
  ['an array', '[]'],
  ['null', 'null'],
  ['a number', '1'],
  ['deep nesting', '['.repeat(200_000)],
  ['deep nesting in a field', `{"id": "r_1", "code": ${'[{"a":'.repeat(50_000)}`],
  ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
  ['UTF-16', Buffer.from('{"id": "r_1", "code": "print(1)"}', 'utf16le')],
  ['a huge number', '{"id": "r_1", "code": "", "timeout_s": 1e999}'],
  ['a number of 10,000 digits', `{"id": "r_1", "code": "", "timeout_s": ${'9'.repeat(10_000)}}`],
  ['NaN', '{"id": "r_1", "code": "", "timeout_s": NaN}'],
  ['__proto__', '{"id": "r_1", "code": "", "__proto__": {"timeout_s": 1}}'],
]

export function requests(the: Contract): void {
  const health = `/w/${newWorkspace()}/health`
  const post = (path: string, body: string | Buffer, raw: RawRequest = {}) =>
    ask(the.runner, 'POST', `/w/${newWorkspace()}${path}`, { body, ...raw })

  test.concurrent('health tells what the page and the model need to know', async () => {
    const facts = await the.runner.client(newWorkspace()).health()
    expect(facts.python).toMatch(/^3\.\d+\.\d+/)
    expect(facts.pip).toMatch(/^\d+\./)
    const names = facts.packages.map((each) => each.toLowerCase().split('==')[0]!)
    expect(names).toEqual(names.toSorted((a, b) => (a < b ? -1 : 1)))
    expect(facts.limits).toMatchObject({ timeout_s: 50, output_bytes: 10 * MIB })
  })

  test.concurrent.each<[string, string | null]>([
    ['no Authorization', null],
    ['a wrong token', `Bearer ${'0'.repeat(48)}`],
    ['an empty token', 'Bearer '],
    ['a token that is not ASCII', 'Bearer \u00fcber'],
    ['Basic', `Basic ${Buffer.from('user:password').toString('base64')}`],
  ])('%s is unauthorized on every route', async (_name, authorization) => {
    for (const [method, path] of [
      ['GET', health],
      ['POST', '/w/w1/check'],
      ['POST', '/w/w1/runs'],
      ['GET', '/w/w1/runs/r_1/events'],
      ['DELETE', '/w/w1/runs/r_1'],
      ['POST', '/w/w1/packages'],
      ['GET', '/w/w1/files'],
      ['PUT', '/w/w1/files/a.txt'],
    ] as const) {
      const answer = await ask(the.runner, method, path, { authorization, ...(method !== 'GET' && { body: '{}' }) })
      expectRefusal(answer, 401, 'unauthorized')
    }
  })

  test.concurrent('a token in the query or with a second one beside it does not count', async () => {
    expectRefusal(
      await ask(the.runner, 'GET', `${health}?token=${the.runner.token}`, { authorization: null }),
      401,
      'unauthorized',
    )
    const two = ['Bearer wrong', `Bearer ${the.runner.token}`]
    expectRefusal(await ask(the.runner, 'GET', health, { headers: { Authorization: two }, authorization: null }))
  })

  test.concurrent('every Origin is refused, also with the right token', async () => {
    for (const Origin of ['null', the.runner.url, 'https://example.com', '']) {
      expectRefusal(await ask(the.runner, 'GET', health, { headers: { Origin } }), 403, 'forbidden')
    }
  })

  test.concurrent.each(['127.0.0.1:PORT', '127.0.0.1', 'localhost:PORT', 'localhost', '[::1]:PORT', '[::1]'])(
    'the Host %s is accepted',
    async (name) => {
      const Host = name.replace('PORT', String(the.runner.port))
      expect((await ask(the.runner, 'GET', health, { headers: { Host } })).status).toBe(200)
    },
  )

  test.concurrent.each([
    'example.com',
    '127.0.0.1.example.com:PORT',
    'localhost.evil',
    'evil.localhost',
    '0.0.0.0',
    '[::]',
    '127.0.0.1:PORT@evil',
    '127.0.0.1:PORT, evil',
    'evil:127.0.0.1',
  ])('the Host "%s" is refused', async (name) => {
    const Host = name.replace('PORT', String(the.runner.port))
    expectRefusal(await ask(the.runner, 'GET', health, { headers: { Host } }), 403, 'forbidden')
  })

  test.concurrent.each([
    ['an empty Host', 'Host:\r\n'],
    ['no Host', ''],
  ])('%s is refused', async (_name, header) => {
    const text = `GET ${health} HTTP/1.1\r\nAuthorization: Bearer ${the.runner.token}\r\n${header}\r\n`
    expect(await exchange(the.runner.port, text)).toMatch(/^HTTP\/1\.1 403 /)
  })

  test.concurrent.each(['/', '/w', '/w/w1/', '/w/w1/nothing', '/w/w1/health/x', '/health', '//w/w1/health'])(
    'the path %s is not found',
    async (path) => {
      expectRefusal(await ask(the.runner, 'GET', path), 404, 'not_found')
    },
  )

  test.concurrent.each(['W1', '-a', '_a', 'a.b', '..', '%2e%2e', 'a%2fb', 'x'.repeat(65), '%C3%BC'])(
    '%s is no workspace',
    async (name) => {
      const answer = await ask(the.runner, 'GET', `/w/${name}/health`)
      expect([400, 404]).toContain(answer.status)
      expectRefusal(answer)
    },
  )

  test.concurrent.each([
    ['POST', '/health'],
    ['GET', '/check'],
    ['GET', '/runs'],
    ['PUT', '/runs'],
    ['PATCH', '/files/a.txt'],
    ['OPTIONS', '/files'],
    ['TRACE', '/health'],
    ['POST', '/runs/r_1/events'],
    ['GET', '/runs/r_1'],
  ])('%s %s is a method that the path does not have', async (method, path) => {
    expectRefusal(await ask(the.runner, method, `/w/${newWorkspace()}${path}`), 405, 'method_not_allowed')
  })

  test.concurrent.each(BAD_FIELDS)('a run with %s = %j is refused', async (field, value) => {
    expectRefusal(await post('/runs', JSON.stringify({ ...request('print(1)'), [field]: value })), 400, 'bad_request')
  })

  test.concurrent.each(BAD_BODIES)('a body that is %s is refused by every route', async (_name, body) => {
    for (const path of ['/runs', '/check', '/packages']) expectRefusal(await post(path, body), 400, 'bad_request')
  })

  test.concurrent('unknown fields are refused by the other routes too', async () => {
    expectRefusal(await post('/check', JSON.stringify({ code: '', path: [] })), 400, 'bad_request')
    expectRefusal(await post('/packages', JSON.stringify({ specs: ['demo'], upgrade: true })), 400, 'bad_request')
    expectRefusal(await post('/check', JSON.stringify({ code: '', paths: 'a.py' })), 400, 'bad_request')
    expectRefusal(await post('/check', JSON.stringify({ paths: [] })), 400, 'bad_request')
  })

  test.concurrent('a message names the field, what is allowed and what came', async () => {
    const answer = await post('/runs', JSON.stringify({ ...request('print(1)'), timeout_s: -5 }))
    expect(errorAnswer.parse(answer.json).error.message).toBe('timeout_s must be a number from 0.1 to 900 (got -5)')
  })

  test.concurrent('lone surrogates are refused or replaced, never an internal error', async () => {
    for (const body of [
      '{"id": "r_1", "code": "print(\'\\ud800\')"}',
      '{"id": "r_2", "code": "", "stdin": "\\udfff"}',
    ]) {
      const answer = await post('/runs', body)
      expect([200, 400]).toContain(answer.status)
    }
  })

  test.concurrent('a program of 4 MiB is accepted, a longer one is not', async () => {
    const filler = `#${'x'.repeat(1_023)}\n`.repeat(4 * 1_023)
    expect((await post('/check', JSON.stringify({ code: filler }))).status).toBe(200)
    expect([400, 413]).toContain((await post('/runs', JSON.stringify(request(`#${'x'.repeat(4 * MIB)}`)))).status)
  })

  test.concurrent('a body over 32 MiB is too large, announced or not', async () => {
    const announced = open(the.runner, 'POST', `/w/${newWorkspace()}/runs`, {
      headers: { 'content-length': String(32 * MIB + 1), 'content-type': 'application/json' },
      unfinished: true,
    })
    announced.flushHeaders()
    expect((await answerTo(announced)).statusCode).toBe(413)
    announced.destroy()
  })

  test.concurrent('who reads only after having sent everything gets the refusal too', async () => {
    const head = `PUT /w/${newWorkspace()}/files/a//b HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${the.runner.token}\r\n`
    const body = Buffer.alloc(20 * MIB, 'x')
    const socket = connect({ port: the.runner.port, host: '127.0.0.1' }).pause()
    await new Promise<void>((resolve, reject) => {
      socket.on('error', reject)
      socket.write(`${head}Content-Length: ${body.length}\r\n\r\n`)
      socket.write(body, () => resolve())
    })
    const [answer] = (await once(socket.setEncoding('latin1').resume(), 'data')) as [string]
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    socket.destroy()
  })

  test.concurrent.each([
    ['no request line', 'hello\r\n\r\n'],
    ['a bad length', 'POST /w/w1/check HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n'],
    ['two lengths', 'POST /w/w1/check HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx'],
    [
      'a length and chunks',
      'POST /w/w1/check HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a huge header', `GET /w/w1/health HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(2 * MIB)}\r\n\r\n`],
    ['very many headers', `GET /w/w1/health HTTP/1.1\r\nHost: localhost\r\n${'X: x\r\n'.repeat(20_000)}\r\n`],
    ['a bad chunk', 'POST /w/w1/check HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n'],
    ['a folded header', 'GET /w/w1/health HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b\r\n\r\n'],
  ])('%s is answered with a refusal or a closed connection', async (_name, text) => {
    const answer = await exchange(the.runner.port, text)
    if (answer !== '') expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /)
  })

  const CHUNKED = 'Transfer-Encoding: chunked\r\n\r\n'
  test.concurrent.each([
    ['a chunk-size line of 64 KiB', `${CHUNKED}${'1'.repeat(64 * 1024)}\r\n`],
    ['a chunk-size line of 5 MiB without an end', CHUNKED + '1'.repeat(5 * MIB)],
    ['a chunk extension of 64 KiB', `${CHUNKED}1;${'x'.repeat(64 * 1024)}\r\nx\r\n0\r\n\r\n`],
    ['a chunk without its line break', `${CHUNKED}2\r\nxxyy0\r\n\r\n`],
    ['a trailer of 100 kB', `${CHUNKED}0\r\n${'x'.repeat(100_000)}\r\n\r\n`],
    ['trailers without an end', `${CHUNKED}0\r\n${'a: b\r\n'.repeat(100_000)}`],
    ['a length of 5,000 digits', `Content-Length: ${'9'.repeat(5_000)}\r\n\r\n`],
    ['a header of 2 MiB', `X: ${'x'.repeat(2 * MIB)}\r\n\r\n`],
  ])('%s is refused in words that its sender gets to see', async (_name, rest) => {
    for (const [method, path, status] of [
      ['POST', '/w/w1/check', 400],
      ['PUT', '/w/w1/files/a.txt', 400],
      ['PUT', '/nothing', 40],
    ] as const) {
      const head = `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${the.runner.token}\r\n`
      const answer = await exchange(the.runner.port, head + rest)
      expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status}`))
      expect(answer).toMatch(/"message": "[^"]+"/)
    }
  })

  test.concurrent('a file of any age is listed', async () => {
    const workspace = newWorkspace()
    const code =
      'import os\nfor n, s in enumerate((-2**33, 2**33, 2**40)):\n open(str(n), "w"); os.utime(str(n), (s, s))'
    const run = await ask(the.runner, 'POST', `/w/${workspace}/runs`, { body: JSON.stringify(request(code)) })
    expect(run.text).toContain('"status": "success"')
    expect((await ask(the.runner, 'GET', `/w/${workspace}/files`)).status).toBe(200)
  })

  test('after all that the runner serves, and has logged neither programs nor its token', async () => {
    expect((await ask(the.runner, 'GET', health)).status).toBe(200)
    expect(the.runner.log()).not.toContain(the.runner.token)
    expect(the.runner.log()).not.toContain('print(')
    expect(the.runner.log()).not.toContain('Traceback')
  })
}

function expectRefusal(answer: Answer, status?: number, code?: string): void {
  expect(`${answer.status} ${answer.headers['content-type']} ${answer.text}`).toMatch(/^4\d\d application\/json/)
  const { error } = errorAnswer.parse(answer.json)
  expect(error.message).toMatch(/\S/)
  if (status !== undefined) expect([answer.status, error.code]).toEqual([status, code])
}

/** Sends text as it is and gives what comes back until the connection ends. */
async function exchange(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let answer = ''
    socket.setTimeout(20_000, () => reject(new Error('neither an answer nor an end')))
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      answer += chunk
      socket.end()
    })
    socket.on('error', () => resolve(answer)) // reset by the runner: a closed connection
    socket.on('close', () => resolve(answer))
    socket.write(text)
  })
}
