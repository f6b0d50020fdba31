/** Large files through the real page: in pieces, over broken connections and reloads, byte for byte. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdtemp, open, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { LosingProxy } from '../../support/losing-proxy.ts'
import { descendantsOf, commandOf } from '../../support/processes.ts'
import { signedInPage } from '../../support/signed-in-page.ts'
import { until } from '../../support/until.ts'

const MB = 1_000_000
const it = signedInPage()

let folder: string
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'uploads-'))))
afterAll(() => rm(folder, { recursive: true }))

/** A file of so many bytes that no two pieces of are alike, with its SHA-256. */
async function made(name: string, bytes: number) {
  const path = join(folder, name)
  const file = await open(path, 'w')
  const digest = createHash('sha256')
  const block = Buffer.alloc(MB)
  for (let at = 0; at < bytes; at += MB) {
    block.fill(`${name} ${at} `)
    const part = block.subarray(0, Math.min(MB, bytes - at))
    digest.update(part)
    await file.write(part)
  }
  await file.close()
  return { name, path, sha256: digest.digest('hex') }
}

const choose = (...paths: string[]) => it.page.getByLabel('Upload files').setInputFiles(paths)
const listed = (name: string) => it.page.getByRole('row').filter({ hasText: name })
const upload = (name: string) => it.page.locator('#upload li').filter({ hasText: name })
const unfinished = (name: string) => it.page.locator('.unfinished li').filter({ hasText: name })

/** Resolves when the browser sends the piece that begins there. */
const begins = (from: number) =>
  it.page.waitForRequest((request) => request.headers()['content-range']?.startsWith(`bytes ${from}-`) === true)

/** Keeps the piece of a file that begins there from being sent. */
const hold = (name: string, from: number) =>
  it.page.route(`**/${name}?upload=*`, (route) =>
    route.request().headers()['content-range']?.startsWith(`bytes ${from}-`) === true
      ? new Promise<void>(() => {})
      : route.continue(),
  )

/** The SHA-256 of a file as a program finds it, and as the page gives it back. */
async function arrived(name: string) {
  const code = `import hashlib; print(hashlib.sha256(open(${JSON.stringify(name)}, 'rb').read()).hexdigest())`
  const { outcome } = await it.client.run({ code })
  const href = await it.page.getByRole('link', { name: `Download ${name}` }).getAttribute('href')
  const cookie = (await it.context.cookies()).map((each) => `${each.name}=${each.value}`).join('; ')
  const response = await fetch(new URL(href!, it.server.origin), { headers: { cookie } })
  const digest = createHash('sha256')
  for await (const piece of response.body!) digest.update(piece)
  return [outcome.stdout.trim(), digest.digest('hex')]
}

/** The most memory that the Workers runtime has had, in bytes. */
function runtimePeak(): number {
  const [runtime] = descendantsOf(it.server.child.pid!).filter((pid) => commandOf(pid).includes('/workerd-'))
  const [, kib] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${runtime}/status`, 'utf8')) ?? []
  return Number(kib) * 1024
}

test('150 MB arrive and come back byte for byte, as do two at once, and the memory of the runtime does not grow with them', async () => {
  const [big, ...others] = await Promise.all([
    made('big.bin', 150 * MB + 1),
    made('one.bin', 60 * MB),
    made('other.bin', 60 * MB),
  ])
  await it.open('/app/files')
  await choose(...others.map(({ path }) => path))
  for (const { name, sha256 } of others) {
    await listed(name).getByText('60 MB').waitFor()
    expect(await arrived(name)).toEqual([sha256, sha256])
  }
  const before = runtimePeak()
  await choose(big.path)
  await listed('big.bin').getByText('150 MB').waitFor()
  await upload('big.bin').getByText('✓').waitFor()
  expect(await arrived('big.bin')).toEqual([big.sha256, big.sha256])
  // Held whole, it would take 150 MB; what the runtime's collector leaves for later varies.
  expect(runtimePeak() - before).toBeLessThan(120 * MB)
  expect(it.complaints).toEqual([])
}, 300_000)

test('connections that are cut are waited out, and what has come is not sent again', async () => {
  const file = await made('lost.bin', 60 * MB)
  await using network = await LosingProxy.to(it.server.origin)
  // Cookies know no port.
  await it.page.goto(`${network.origin}/app/files`)
  const sent = network.sent
  await choose(file.path)
  for (const least of [10 * MB, 30 * MB, 50 * MB]) {
    await vi.waitUntil(() => network.sent - sent > least, { timeout: 60_000, interval: 5 })
    network.down()
    await it.page.getByText('The connection is lost. It goes on by itself.').waitFor()
    network.up()
  }
  await listed('lost.bin').getByText('60 MB').waitFor()
  expect(await arrived('lost.bin')).toEqual([file.sha256, file.sha256])
  // Only what was on its way when a connection was cut.
  expect(network.sent - sent).toBeLessThan(75 * MB)
})

test('after a reload the page says what is missing, and the same file goes on where it broke off', async () => {
  const file = await made('again.bin', 40 * MB)
  await hold('again.bin', 16_777_216)
  await it.open('/app/files')
  const held = begins(16_777_216)
  await choose(file.path)
  await held
  expect(await listed('again.bin').count()).toBe(0)
  await it.page.reload()
  await it.page.unrouteAll({ behavior: 'ignoreErrors' })
  await unfinished('again.bin').getByText('17 MB of 40 MB').waitFor()
  const starts: string[] = []
  it.page.on('request', (request) => {
    const range = request.headers()['content-range']
    if (range !== undefined) starts.push(range)
  })
  await choose(file.path)
  await listed('again.bin').getByText('40 MB').waitFor()
  expect(starts[0]).toMatch(/^bytes 16777216-/)
  await expect.poll(() => unfinished('again.bin').count()).toBe(0)
  expect(await arrived('again.bin')).toEqual([file.sha256, file.sha256])
})

test('a server that is killed in the middle gets the rest when it is back', async () => {
  const file = await made('killed.bin', 60 * MB)
  await it.open('/app/files')
  const third = begins(16_777_216)
  await choose(file.path)
  await third
  await it.server.crashRuntime()
  await listed('killed.bin').getByText('60 MB').waitFor()
  expect(await arrived('killed.bin')).toEqual([file.sha256, file.sha256])
})

test('a file that changes meanwhile is not stored, and the page says so', async () => {
  const file = await made('changed.bin', 30 * MB)
  let pieces = 0
  await it.page.route('**/changed.bin?upload=*', async (route) => {
    if (route.request().method() === 'PUT' && ++pieces === 2) await utimes(file.path, 0, 0)
    return route.continue()
  })
  await it.open('/app/files')
  await choose(file.path)
  await upload('changed.bin')
    .getByText(/has changed on your machine.*nothing was stored. Next: choose it again/)
    .waitFor()
  await it.page.reload()
  await until(async () => [await listed('changed.bin').count(), await unfinished('changed.bin').count()]).toEqual([
    0, 0,
  ])
})

test('an upload is stopped, and another one dropped after a reload; nothing of either stays', async () => {
  const file = await made('stopped.bin', 30 * MB)
  await hold('stopped.bin', 8_388_608)
  await it.open('/app/files')
  let begun = begins(8_388_608)
  await choose(file.path)
  await begun
  await upload('stopped.bin').getByRole('button', { name: 'Stop' }).click()
  await upload('stopped.bin').getByText('Stopped.', { exact: true }).waitFor()
  begun = begins(8_388_608)
  await upload('stopped.bin').getByRole('button', { name: 'Go on' }).click()
  await begun
  await it.page.reload()
  await unfinished('stopped.bin').getByRole('button', { name: 'Drop' }).click()
  await it.page.waitForURL('**/app/files')
  await expect.poll(() => unfinished('stopped.bin').count()).toBe(0)
  expect(await listed('stopped.bin').count()).toBe(0)
})
