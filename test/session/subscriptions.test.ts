/** Clients are told when what they have read has changed: at once in 2026-07-28, with their next answer in 2025. */
import { abortAllDurableObjects } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { ask, call, frames, openSession, send, sendTo } from './support/mcp.ts'
import { next } from './support/next.ts'
import { newUser } from './support/new-user.ts'

const subscribe = (uri: string, method = 'resources/subscribe') => ({ jsonrpc: '2.0', id: 50, method, params: { uri } })
const LIST = { jsonrpc: '2.0', id: 60, method: 'tools/list', params: {} }

async function updates(response: Response): Promise<string[]> {
  const uris = []
  for await (const { message } of frames(response)) {
    if (message.method === 'notifications/resources/updated') uris.push((message.params as { uri: string }).uri)
  }
  return uris
}

test('a 2025 client is told of an update with its next answer, once', async () => {
  const watcher = await openSession()
  await updates(await send('POST', subscribe('codemode://runs'), watcher))
  const other = await openSession()
  await updates(await send('POST', call(1, 'run_python', { code: 'print(1)' }), other))
  expect(await updates(await send('POST', LIST, watcher))).toEqual(['codemode://runs'])
  expect(await updates(await send('POST', LIST, watcher))).toEqual([])
})

test('a 2025 client is told on the stream that is open', async () => {
  const session = await openSession()
  await updates(await send('POST', subscribe('codemode://runs'), session))
  expect(await updates(await send('POST', call(1, 'run_python', { code: 'print(1)' }), session))).toContain(
    'codemode://runs',
  )
})

test('a subscription outlives an eviction and ends with unsubscribe', async () => {
  const session = await openSession()
  await updates(await send('POST', subscribe('codemode://config'), session))
  await abortAllDurableObjects()
  const set = (value: string) => call(2, 'configure', { action: 'set', key: 'max_retries', value })
  expect(await updates(await send('POST', set('1'), session))).toEqual(['codemode://config'])
  await updates(await send('POST', subscribe('codemode://config', 'resources/unsubscribe'), session))
  expect(await updates(await send('POST', set('2'), session))).toEqual([])
})

test('more subscriptions than are allowed are refused', async () => {
  const session = await openSession()
  let refused
  for (let i = 0; i <= 100 && refused === undefined; i++) {
    for await (const { message } of frames(await send('POST', subscribe(`codemode://runs/r_${i}`), session))) {
      refused = message.error
    }
  }
  expect(refused?.message).toContain('100')
})

test('a 2026 client that listens is told of a resource at once, and of the list only when that has changed', async () => {
  const notifications = { resourcesListChanged: true, resourceSubscriptions: ['codemode://config'] }
  const listen = { jsonrpc: '2.0', id: 70, method: 'subscriptions/listen', params: { notifications } }
  const stream = frames(await ask('session-tests', listen))
  await stream.next() // acknowledged
  const session = await openSession()
  await updates(await send('POST', call(1, 'configure', { action: 'set', key: 'max_retries', value: '3' }), session))
  // The same setting twice: were the list told of at each change, it would stand between them.
  await updates(await send('POST', call(2, 'configure', { action: 'set', key: 'max_retries', value: '4' }), session))
  await updates(await send('POST', call(3, 'run_python', { code: 'print(1)' }), session))
  const seen: (string | undefined)[] = []
  while (seen.length < 3) seen.push((await next(stream)).message.method)
  expect(seen).toEqual([
    'notifications/resources/updated',
    'notifications/resources/updated',
    'notifications/resources/list_changed',
  ])
  await stream.return(undefined)
})

test('a client that listens is told of a file that is written, and not of one that is only asked for', async () => {
  const { token } = await newUser()
  const uris = ['a', 'b'].map((name) => `codemode://files/${name}.txt`)
  const params = { notifications: { resourceSubscriptions: uris } }
  const stream = frames(await ask(token, { jsonrpc: '2.0', id: 80, method: 'subscriptions/listen', params }))
  await stream.next() // acknowledged
  const headers = { authorization: `Bearer ${token}` }
  const write = async (name: string) => {
    const file = await sendTo(`/files/${name}.txt`, 'PUT', 'x', { ...headers, 'content-length': '3' })
    expect(await file.json()).toEqual({ path: `${name}.txt`, bytes: 3 })
  }
  await write('a')
  expect(await (await sendTo('/files/a.txt', 'HEAD', undefined, headers)).text()).toBe('')
  expect(await (await sendTo('/files/a.txt', 'GET', undefined, headers)).text()).toBe('"x"')
  await write('b')
  const seen: unknown[] = []
  while (seen.length < 2) seen.push((await next(stream)).message)
  expect(seen).toMatchObject(uris.map((uri) => ({ method: 'notifications/resources/updated', params: { uri } })))
  await stream.return(undefined)
})
