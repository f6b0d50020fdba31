import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Bell, orAborted, pause, within } from '../worker/waiting.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const NEVER = new Promise<string>(() => {})

test('a ring wakes everybody who waits, once, and nobody who comes later', async () => {
  const bell = new Bell()
  const woken: string[] = []
  const wait = (name: string) => void bell.next().then(() => woken.push(name))
  bell.ring()
  wait('one')
  wait('two')
  await vi.runAllTimersAsync()
  expect(woken).toEqual([])
  bell.ring()
  wait('three')
  await vi.runAllTimersAsync()
  expect(woken).toEqual(['one', 'two'])
})

test('who waits for a ring within a time learns whether it came, and leaves no timer behind', async () => {
  const bell = new Bell()
  const [came, late] = [bell.nextWithin(1_000), bell.nextWithin(100)]
  await vi.advanceTimersByTimeAsync(100)
  bell.ring()
  expect(await Promise.all([came, late])).toEqual([true, false])
  expect(vi.getTimerCount()).toBe(0)
})

test('work that takes too long comes to undefined; its failure is passed on', async () => {
  const [done, late] = [within(Promise.resolve('done'), 100), within(NEVER, 100)]
  await vi.advanceTimersByTimeAsync(100)
  expect(await Promise.all([done, late])).toEqual(['done', undefined])
  await expect(within(Promise.reject(new Error('broken')), 100)).rejects.toThrow('broken')
  expect(vi.getTimerCount()).toBe(0)
})

test('work is left when the signal is aborted, before or meanwhile', async () => {
  const stop = new AbortController()
  const left = orAborted(NEVER, stop.signal)
  expect(await orAborted(Promise.resolve('done'), stop.signal)).toBe('done')
  stop.abort()
  expect(await left).toBeUndefined()
  expect(await orAborted(NEVER, stop.signal)).toBeUndefined()
})

test('a pause ends by itself or with the signal', async () => {
  const stop = new AbortController()
  const ended: string[] = []
  void pause(100, stop.signal).then(() => ended.push('short'))
  void pause(1_000, stop.signal).then(() => ended.push('long'))
  await vi.advanceTimersByTimeAsync(100)
  expect(ended).toEqual(['short'])
  stop.abort()
  await pause(1_000, stop.signal)
  expect(ended).toEqual(['short', 'long'])
  expect(vi.getTimerCount()).toBe(0)
})
