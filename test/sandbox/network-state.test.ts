/** Which network a program is promised, with the object's real storage and a scripted container. */
import { runInDurableObject } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { SandboxNetwork } from '../../worker/executor/network.ts'
import type { NetworkPolicy } from '../../worker/run/network/policy.ts'
import { newUser } from './support/user.ts'

const OFF: NetworkPolicy = { network: 'off', allowed_hosts: [] }
const PACKAGES: NetworkPolicy = { network: 'packages', allowed_hosts: [] }
const OPEN: NetworkPolicy = { network: 'open', allowed_hosts: [] }

const container = (isBusy: boolean | null) => ({
  isBusy: async () => isBusy,
  restart: () => Promise.reject(new Error('restarted')),
})

async function withKv<T>(work: (kv: SyncKvStorage) => Promise<T>): Promise<T> {
  const { sandbox } = await newUser()
  return runInDurableObject(sandbox(), (_object, { storage }) => work(storage.kv))
}

test('the operator’s word on the package index goes before the container’s', () =>
  withKv(async (kv) => {
    const network = new SandboxNetwork(kv, ['operator.test'])
    network.starting(PACKAGES)
    expect(network.wantsPackageHosts).toBe(false)
    expect(await network.admit(PACKAGES, false, container(false))).toBeNull()
    expect([network.judge('operator.test', 443, false), network.judge('packages.test', 443, false)]).toEqual([
      null,
      'packages',
    ])
  }))

test('what a fresh container says of its index ends with the container', () =>
  withKv(async (kv) => {
    const network = new SandboxNetwork(kv, [])
    network.starting(PACKAGES)
    expect(network.wantsPackageHosts).toBe(true)
    network.keepPackageHosts(['packages.test'])
    expect(new SandboxNetwork(kv, []).judge('packages.test', 443, false)).toBeNull()
    network.starting(PACKAGES)
    expect(network.judge('packages.test', 443, false)).toBe('packages')
    expect(await network.admit(PACKAGES, false, container(false))).toBe('no_package_hosts')
  }))

test('a program on its way counts, though the runner does not know it yet', () =>
  withKv(async (kv) => {
    const network = new SandboxNetwork(kv, ['packages.test'])
    network.starting(OFF)
    expect(await network.admit(OFF, true, container(false))).toBeNull()
    expect(await network.admit(PACKAGES, true, container(false))).toBeNull()
    expect(network.judge('packages.test', 443, false)).toBe('off')
    expect(await network.admit(OPEN, true, container(false))).toBe('network_busy')
    network.arrived()
    network.arrived()
    expect(await network.admit(PACKAGES, true, container(true))).toBeNull()
    expect(network.judge('packages.test', 443, false)).toBe('off')
    network.arrived()
    expect(await network.admit(PACKAGES, true, container(false))).toBeNull()
    expect(network.judge('packages.test', 443, false)).toBeNull()
  }))

test('while nobody says whether a program runs, it gets no more than it had', () =>
  withKv(async (kv) => {
    const network = new SandboxNetwork(kv, ['packages.test'])
    network.starting(OFF)
    expect(await network.admit(PACKAGES, true, container(null))).toBeNull()
    expect(network.judge('packages.test', 443, false)).toBe('off')
    network.arrived()
    expect(await network.admit(PACKAGES, true, container(false))).toBeNull()
    expect(network.judge('packages.test', 443, false)).toBeNull()
  }))

test('what a program was promised does not hold when its container has started for another', () =>
  withKv(async (kv) => {
    const network = new SandboxNetwork(kv, ['packages.test'])
    network.starting(OFF)
    await network.admit(OFF, true, container(false))
    expect(network.holds(OFF)).toBe(true)
    network.starting(OPEN)
    expect(network.holds(OFF)).toBe(false)
    network.starting(PACKAGES)
    expect(network.holds(OFF)).toBe(false)
  }))

test('a container that started for somebody else at the same moment takes no program of another kind', () =>
  withKv(async (kv) => {
    const network = new SandboxNetwork(kv, [])
    network.starting(OPEN)
    const restart = async () => {
      network.starting(OPEN)
      return null
    }
    expect(await network.admit(OFF, true, { isBusy: async () => false, restart })).toBe('network_busy')
  }))

test('refused hosts are kept once each, the last fifty, over the object’s life', () =>
  withKv(async (kv) => {
    const network = new SandboxNetwork(kv, [])
    network.starting(OFF)
    for (let n = 0; n < 60; n++) network.judge(`h${n}.test`, 443, false)
    network.judge('h20.test', 443, false)
    const hosts = network.refused(60_000).map(({ host }) => host)
    expect(hosts).toHaveLength(50)
    expect([hosts[0], hosts.at(-1), hosts.filter((host) => host === 'h20.test').length]).toEqual([
      'h10.test',
      'h20.test',
      1,
    ])
    expect(new SandboxNetwork(kv, []).refused(60_000)).toHaveLength(50)
    expect(network.refused(-60_000)).toEqual([])
  }))

test('a program whose container has meanwhile ended, and started for another network, does not start in that one', async () => {
  const user = await newUser()
  const { readable, writable } = new IdentityTransformStream()
  const request = new Request(`http://runner/w/${user.id}/runs`, {
    method: 'POST',
    body: readable,
    headers: { 'x-network-policy': JSON.stringify(OFF) },
  })
  const answer = user.sandbox().fetch(request)
  await expect.poll(() => user.machine.internet, { timeout: 30_000 }).toEqual([false])
  await expect.poll(() => user.sandbox().asleep(), { timeout: 30_000 }).toBe(false)
  // By then it is admitted, and its body is on its way.
  await scheduler.wait(3_000)
  await user.host('destroy')
  await user.runner.wake()
  expect(user.machine.internet).toEqual([false, true])
  const writer = writable.getWriter()
  await writer.write(new TextEncoder().encode('{"id": "r_1", "code": "print(1)"}'))
  await writer.close()
  expect([(await answer).status, await (await answer).json()]).toEqual([
    503,
    { error: { code: 'network_busy', message: expect.any(String) } },
  ])
  expect((await user.runner.health()).live_runs).toBe(0)
})
