/** What happens to a run when its stream breaks, stops or floods; by hand over real sockets. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CLIENTS } from '../support/clients.ts'
import { type DevServer, startDevServer } from '../support/dev-server.ts'
import { descendantsOf, memoryOf, processesOf } from '../support/processes.ts'
import { program } from '../support/programs.ts'
import { call } from '../support/mcp-by-hand.ts'
import { rawFrames, rawSend, rawSendModern, rawSession } from '../support/raw-mcp.ts'
import { dataOf } from '../support/tool-result.ts'

let server: DevServer
beforeAll(async () => {
  server = await startDevServer()
})
afterAll(() => server.stop())

const runPython = (id: number, args: object) => call(id, 'run_python', args)

const GONE = { timeout: 30_000, interval: 50 }

test('a 2026 client that closes its stream ends a program that prints', async () => {
  const marker = crypto.randomUUID()
  const ticks = runPython(1, { code: program('print_until_killed'), stdin: marker, timeout: 600 })
  for await (const { message } of rawFrames(await rawSendModern(server, ticks))) {
    if (message.params?.message?.includes('tick') === true) break
  }
  await expect.poll(() => processesOf(marker), GONE).toEqual([])
})

test('a 2026 client that closes its stream ends a program that says nothing', async () => {
  const marker = crypto.randomUUID()
  const silent = runPython(1, { code: program('silent_with_children'), stdin: marker, timeout: 600 })
  const { outgoing } = await rawSendModern(server, silent)
  await expect.poll(() => existsSync(join(server.workspace, marker, 'begun')), GONE).toBe(true)
  outgoing.destroy()
  await expect.poll(() => processesOf(marker), GONE).toEqual([])
})

test('a 2025 client that drops its stream finds the lines it missed and the result', async () => {
  const session = await rawSession(server)
  const code = 'import time\nfor i in range(20):\n    print("line", i)\n    time.sleep(0.1)'
  let last = ''
  let seen = ''
  for await (const { id, message } of rawFrames(await rawSend(server, 'POST', runPython(1, { code }), session))) {
    last = id ?? last
    seen += message.params?.message ?? ''
    if (seen.includes('line 3')) break
  }
  let result
  const again = await rawSend(server, 'GET', undefined, { ...session, 'last-event-id': last })
  for await (const { message } of rawFrames(again)) {
    seen += message.params?.message ?? ''
    result = message.result ?? result
  }
  const lines = Array.from({ length: 20 }, (_, i) => `line ${i}\n`).join('')
  expect(seen).toBe(lines)
  expect(dataOf(result)).toMatchObject({ status: 'success', stdout: lines })
})

test.each(Object.entries(CLIENTS))(
  '%s gets a million lines counted, in order, with head and tail',
  async (_name, { connect }) => {
    const client = await connect(server.origin, server.token)
    let streamed = ''
    const { outcome } = await client.run(
      { code: program('million_lines'), timeout: 120 },
      { onProgress: (text) => (streamed += text) },
    )
    const all = Array.from({ length: 1_000_000 }, (_, i) => `${i}\n`).join('')
    expect(outcome).toMatchObject({ status: 'success', bytes: { stdout: all.length, stderr: 0 }, cut: true })
    const [head, tail] = outcome.stdout.split(/\[… [\d,]+ lines, [\d,]+ characters left out …\]\n/)
    expect(all.startsWith(head!.trimEnd())).toBe(true)
    expect(all.endsWith(tail!)).toBe(true)
    expect(outcome.stdout.length).toBeLessThan(20_100)
    // What was streamed has no gap up to the point from where on only counts are sent.
    const text = streamed.slice(0, streamed.indexOf('… '))
    expect(text.length).toBeGreaterThan(500_000)
    expect(all.startsWith(text)).toBe(true)
    await client.close()
  },
)

test('beyond the output limit the counts are exact and the program goes on', async () => {
  const client = await CLIENTS['sdk v2, 2026-07-28']!.connect(server.origin, server.token)
  const { outcome, text } = await client.run({
    code: `${program('flood')}\nopen("flood-done", "w").close()`,
    timeout: 120,
  })
  expect(outcome).toMatchObject({ status: 'success', cut: true, bytes: { stdout: 100_000_000, stderr: 0 } })
  expect(outcome.stdout).toMatch(/^00000000 x/)
  expect(outcome.stdout).toMatch(/00999999 x{90}\n$/)
  expect(text).toMatch(/^Of 100 MB of output, \d+ MB were dropped \(the setting max_output_bytes\)/m)
  expect(existsSync(join(server.workspace, 'flood-done'))).toBe(true)
  await client.close()
})

test('a reader that has stopped costs neither memory nor other calls', async () => {
  const client = await CLIENTS['sdk v2, 2026-07-28']!.connect(server.origin, server.token)
  await client.run({ code: 'print(1)' })
  const before = memoryNow()
  const session = await rawSession(server)
  const stopped = await rawSend(server, 'POST', runPython(1, { code: program('flood'), timeout: 120 }), session)
  const stopped2 = await rawSendModern(server, runPython(2, { code: program('flood'), timeout: 120 }))
  // Neither body is read. The two places of the session become free again all the same.
  const { outcome } = await client.run({ code: 'print("unaffected")', timeout: 60 })
  expect(outcome).toMatchObject({ status: 'success', stdout: 'unaffected\n' })
  for (const [name, bytes] of Object.entries(memoryNow())) {
    expect(bytes - (before[name] ?? 0), name).toBeLessThan(120 * 1024 ** 2)
  }
  stopped.outgoing.destroy()
  stopped2.outgoing.destroy()
  await client.close()
})

/** Resident bytes of each process behind the dev server, by pid. */
function memoryNow(): Record<string, number> {
  return Object.fromEntries(
    descendantsOf(server.child.pid!).map((pid) => [String(pid), safely(() => memoryOf(pid, 'VmRSS'))]),
  )
}

function safely(read: () => number): number {
  try {
    return read()
  } catch {
    return 0 // it ended meanwhile
  }
}
