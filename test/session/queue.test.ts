/** Places and the queue. */
import { abortAllDurableObjects } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { newUser } from './support/new-user.ts'
import { call, type Frame, frames, openSession, send, sendTo, workspace } from './support/mcp.ts'
import { next } from './support/next.ts'
import waits from '../fixtures/programs/wait_for_each_line.py?raw'
import { dataOf } from '../support/tool-result.ts'

type Session = Record<string, string>

/** Starts a run that goes on until its files are there; resolves when it has begun or waits in the queue. */
async function start(session: Session, request: number, stem: string) {
  const stream = frames(
    await send('POST', call(request, 'run_python', { code: waits, stdin: stem, timeout: 60 }), session),
  )
  let last = ''
  let told = '' // a printed line may come in two parts
  for (;;) {
    const { id, message } = await next(stream)
    last = id ?? last
    told += message.params?.message ?? ''
    if (told.includes('Waiting') || told.includes('line 1')) return { stream, last, queued: told.includes('Waiting') }
  }
}

/** Resolves when a run that waited in the queue has begun. */
async function begun(stream: AsyncGenerator<Frame>): Promise<void> {
  let told = ''
  while (!told.includes('line 1')) told += (await next(stream)).message.params?.message ?? ''
}

async function finish(stem: string): Promise<void> {
  const files = await workspace()
  for (let line = 1; line <= 5; line++) await files.writeFile(`${stem}-${line}`, '')
}

/** What a client gets that comes back after an event. */
async function resultAfter(session: Session, last: string) {
  let result
  const again = frames(await send('GET', undefined, { ...session, 'last-event-id': last }))
  for await (const { message } of again) result = message.result ?? result
  return dataOf(result)
}

async function setParallel(session: Session, action: 'set' | 'reset', value = ''): Promise<void> {
  const args = { action, key: 'max_parallel_runs', value }
  await (await send('POST', call(90, 'configure', args), session)).text()
}

test('a queued run takes a place that a raised limit makes, before a newer run does', async () => {
  const session = await openSession()
  const stem = crypto.randomUUID()
  const first = [await start(session, 1, stem), await start(session, 2, stem)]
  const waiting = await start(session, 3, stem)
  expect([...first, waiting].map(({ queued }) => queued)).toEqual([false, false, true])

  await setParallel(session, 'set', '3')
  const newer = await start(session, 4, stem)
  await setParallel(session, 'reset')
  expect(newer.queued).toBe(true)
  await begun(waiting.stream)

  await finish(stem)
  for (const { stream } of [...first, waiting, newer]) for await (const _frame of stream) continue
})

test('a run that waited when the object was evicted is said to have done nothing', async () => {
  const session = await openSession()
  const stem = crypto.randomUUID()
  const first = [await start(session, 1, stem), await start(session, 2, stem)]
  const waiting = await start(session, 3, stem)
  await abortAllDurableObjects()
  for (const { stream } of [...first, waiting]) await stream.return(undefined)

  expect(await resultAfter(session, waiting.last)).toMatchObject({
    status: 'lost',
    hints: [expect.stringMatching(/nothing of it ran.*Next:/)],
  })
  await finish(stem)
  for (const { last } of first) expect(await resultAfter(session, last)).toMatchObject({ status: 'success' })
})

test('runs that go on through an eviction keep their places, also more than there are now', async () => {
  const session = await openSession()
  const [stem, later] = [crypto.randomUUID(), crypto.randomUUID()]
  const former = [await start(session, 1, stem), await start(session, 2, stem)]
  await setParallel(session, 'set', '1')
  await abortAllDurableObjects()
  for (const { stream } of former) await stream.return(undefined)

  const waiting = await start(session, 3, later)
  expect([...former, waiting].map(({ queued }) => queued)).toEqual([false, false, true])
  const { runs }: { runs: { status: string }[] } = await (await sendTo('/runs', 'GET')).json()
  expect(runs.slice(0, 3).map(({ status }) => status)).toEqual(['queued', 'running', 'running'])
  await finish(stem)
  for (const { last } of former) expect(await resultAfter(session, last)).toMatchObject({ status: 'success' })
  await begun(waiting.stream)
  await setParallel(session, 'reset')
  await finish(later)
  for await (const _frame of waiting.stream) continue
})

/** Says what it finds of programs before it, leaves all of that to the next one, and ends when the file `go` is there. */
const LEAVES = `import os, sys, time
print(os.path.basename(os.getcwd()), os.environ.get("LEFT"), "left" in sys.modules, os.path.exists(os.environ["TMPDIR"]))
while not os.path.exists("go"):
    time.sleep(0.02)
os.environ["LEFT"] = "1"
sys.modules["left"] = sys
os.chdir("/")`

test('of 32 runs at once two run, sixteen wait, the others are told what to do, and none finds what another one left', async () => {
  const user = await newUser()
  const as = { authorization: `Bearer ${user.token}` }
  const asked = Array.from({ length: 32 }, () => sendTo('/runs', 'POST', { code: LEAVES, background: true }, as))
  const answers = await Promise.all(asked)
  const refused = answers.filter(({ status }) => status !== 202)
  expect(refused.map(({ status }) => status)).toEqual(Array.from({ length: 14 }, () => 429))
  for (const answer of refused) {
    const { error } = await answer.json<{ error: string }>()
    expect(error).toBe(
      'Busy: 2 programs or installations are running and 16 are waiting. Next: wait for one to end, or cancel one, then call again.',
    )
  }

  await (await sendTo('/files/go', 'PUT', 1, { ...as, 'content-length': '1' })).text()
  const ids = answers.filter(({ status }) => status === 202).map(({ headers }) => headers.get('location')!)
  for (const location of ids) {
    const text = await (await user.get(`${location}/events`)).text() // to its end
    expect(text).toContain('"status":"success"')
    const { outcome } = await (await user.get(location)).json<{ outcome: { stdout: string } }>()
    expect(outcome.stdout).toBe('files None False True\n')
  }
  // And the next one finds a place.
  expect((await sendTo('/runs', 'POST', { code: 'print(1)', background: true }, as)).status).toBe(202)
})
