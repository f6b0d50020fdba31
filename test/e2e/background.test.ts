/** Runs that outlive whoever started them: another client's, and the server's own end. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CLIENTS } from '../support/clients.ts'
import { type DevServer, startDevServer } from '../support/dev-server.ts'
import { processesOf } from '../support/processes.ts'
import { program } from '../support/programs.ts'

const GONE = { timeout: 30_000, interval: 50 }

let server: DevServer
beforeAll(async () => {
  server = await startDevServer()
})
afterAll(() => server.stop())

function http(path: string, method = 'GET', body?: unknown) {
  return fetch(server.origin + path, {
    method,
    headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
}

const modern = () => CLIENTS['sdk v2, 2026-07-28']!.connect(server.origin, server.token)
const legacy = () => CLIENTS['sdk v1']!.connect(server.origin, server.token)

/** A stream's events: a second without one has a comment, which depends on the machine. */
const withoutComments = (text: string) => text.replaceAll(': keepalive\n\n', '')

/** What a run's own stream says from its beginning until a text has come. */
async function joined(id: string, text: string): Promise<string> {
  let seen = ''
  const response = await http(`/runs/${id}/events`)
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    seen = withoutComments(seen + chunk)
    if (seen.includes(text)) break
  }
  return seen.slice(0, seen.lastIndexOf('\n\n') + 2)
}

test.each([
  ['2026', '2025', modern, legacy],
  ['2025', '2026', legacy, modern],
] as const)(
  'a run of a %s client is watched by a %s one and ended over HTTP',
  async (_one, _other, starts, watches) => {
    const marker = crypto.randomUUID()
    const starter = await starts()
    const args = { code: program('print_until_killed'), stdin: marker, timeout: 300, background: true }
    const { outcome, isError, text } = await starter.run(args)
    expect([outcome.status, isError]).toEqual(['running', false])
    expect(text).toContain('action "wait"')
    await starter.close()

    // However late it begins, the watcher then finds two lines.
    await joined(outcome.run_id, 'tick 2')

    const watcher = await watches()
    let progress = ''
    const waited = await watcher.call(
      'runs',
      { action: 'wait', run_id: outcome.run_id, wait_s: 3 },
      { onProgress: (message) => (progress += message) },
    )
    expect(waited).toMatchObject({ isError: false, structured: { outcome: { status: 'running', usage: null } } })
    expect(waited.structured.outcome.stdout).toMatch(/^tick 0\ntick 1\n/)
    expect(progress).toMatch(/^tick 0\ntick 1\n/)
    const listed = await watcher.call('runs', { action: 'list' })
    expect(listed.structured.runs[0]).toMatchObject({ run_id: outcome.run_id, status: 'running' })

    expect(await joined(outcome.run_id, 'tick 20')).toMatch(/^event: started\nid: 1\.1\.0\n/)
    const { promise: waits, resolve: begun } = Promise.withResolvers<unknown>()
    const still = watcher.call('runs', { action: 'wait', wait_s: 50 }, { onProgress: begun })
    await Promise.race([waits, still])
    expect((await http(`/runs/${outcome.run_id}`, 'DELETE')).status).toBe(200)
    await expect.poll(() => processesOf(marker), GONE).toEqual([])
    expect((await still).structured).toMatchObject({
      runs: [{ status: 'cancelled' }],
      outcome: { status: 'cancelled' },
    })

    const receipt = JSON.parse(await watcher.read(`codemode://runs/${outcome.run_id}`))
    expect(receipt).toMatchObject({ status: 'cancelled', outcome: { usage: { cpu_ms: expect.any(Number) } } })
    expect(receipt.outcome.stdout).toMatch(/^tick 0\n[\s\S]*tick 20\n/)
    await watcher.close()
  },
)

test('a call that only waits ends no run when it is cancelled', async () => {
  const marker = crypto.randomUUID()
  const client = await modern()
  await client.run({ code: program('print_until_killed'), stdin: marker, timeout: 300, background: true })
  const abort = new AbortController()
  const wait = client.call('runs', { action: 'wait' }, { signal: abort.signal, onProgress: () => abort.abort() })
  await expect(wait).rejects.toThrow()
  await new Promise((resolve) => setTimeout(resolve, 3_000))
  expect(processesOf(marker)).not.toEqual([])
  const cancelled = await client.call('runs', { action: 'cancel' })
  expect(cancelled).toMatchObject({ isError: false, structured: { outcome: { status: 'cancelled' } } })
  expect(processesOf(marker)).toEqual([])
  await client.close()
})

test('ten thousand lines joined late equal the ones seen live, byte for byte', async () => {
  const code = `import time\nfor line in range(10_000):\n    print('line', line)\n    if line % 100 == 0: time.sleep(0.005)`
  const started = await http('/runs', 'POST', { code })
  expect(started.status).toBe(201)
  const late = http(`${started.headers.get('location')}/events`).then((response) => response.text())
  const live = withoutComments(await started.text())
  expect(live.match(/^event: outcome$/gm)).toHaveLength(1)
  expect(withoutComments(await late)).toBe(live)
  const again = await http(`${started.headers.get('location')}/events`)
  expect(withoutComments(await again.text())).toBe(live)
})

test('when the Workers runtime crashes in mid-run, the run goes on and a reader comes back for exactly the rest', async () => {
  const code = 'import sys, time\nfor i in range(60):\n    sys.stdout.write(f"line {i}\\n")\n    time.sleep(0.1)'
  const { run_id } = await (await http('/runs', 'POST', { code, background: true })).json()
  const seen = await joined(run_id, 'line 5\\n')
  await server.crashRuntime()
  const last = [...seen.matchAll(/^id: (.+)$/gm)].at(-1)![1]!
  const whole = withoutComments(await (await http(`/runs/${run_id}/events`)).text())
  expect(whole.startsWith(seen)).toBe(true)
  const rest = withoutComments(await (await http(`/runs/${run_id}/events?after=${last}`)).text())
  expect(rest).toBe(
    whole
      .slice(whole.indexOf(`id: ${last}\n`))
      .split('\n\n')
      .slice(1)
      .join('\n\n'),
  )
  const receipt = await (await http(`/runs/${run_id}`)).json()
  const stdout = Array.from({ length: 60 }, (_, i) => `line ${i}\n`).join('')
  expect(receipt).toMatchObject({ status: 'success', outcome: { stdout } })
})

test('after the server was killed in mid-run the run is lost and everything else is there', async () => {
  const marker = crypto.randomUUID()
  const description = `before the crash ${marker}`
  const client = await modern()
  const done = await client.run({ code: 'print("kept")', description })
  await client.call('add_learning', { error_pattern: 'PowerCut', solution: 'start again', context: '' })
  await client.call('configure', { action: 'set', key: 'default_timeout', value: '77' })
  const args = { code: program('print_until_killed'), stdin: marker, timeout: 300, background: true }
  const { outcome } = await client.run(args)
  await joined(outcome.run_id, 'tick 5')

  await server.kill()
  server = await startDevServer({}, { from: server })
  // The very first request after the start.
  const receipt = await (await http(`/runs/${outcome.run_id}`)).json()
  expect(receipt).toMatchObject({ run_id: outcome.run_id, status: 'lost', ended_at: expect.any(String) })
  const again = await modern()
  const { structured } = await again.call('runs', { action: 'list' })
  const status = (id: string) => structured.runs.find(({ run_id }: { run_id: string }) => run_id === id)?.status
  expect([status(outcome.run_id), status(done.outcome.run_id)]).toEqual(['lost', 'success'])
  expect(await joined(done.outcome.run_id, 'event: outcome')).toContain('kept')
  expect((await again.call('get_learnings', { search: 'PowerCut' })).structured.learnings).toHaveLength(1)
  expect((await (await http('/config')).json()).default_timeout).toBe(77)
  await expect.poll(() => processesOf(marker), GONE).toEqual([])
  expect((await again.run({ code: 'print("on we go")' })).outcome.stdout).toBe('on we go\n')
  await again.close()
})
