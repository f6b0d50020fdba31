/** Pictures of runs in the list: as the browser paints them, and what it shows of those that are gone. */
import { expect, test } from 'vitest'
import { signedInPage } from '../../support/signed-in-page.ts'

const it = signedInPage()

/** A program that writes pictures of a red square, with nothing but the standard library. */
const drawing = (names: string[]) => `import struct, zlib
part = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
head = part(b"IHDR", struct.pack(">IIBBBBB", 9, 9, 8, 2, 0, 0, 0))
rows = part(b"IDAT", zlib.compress((b"\\0" + b"\\xc0\\x20\\x20" * 9) * 9))
for name in ${JSON.stringify(names)}:
    open(name, "wb").write(b"\\x89PNG\\r\\n\\x1a\\n" + head + rows + part(b"IEND", b""))
`
const NASTY = `"><img src=x onerror="top.pwned = 1">'&amp;.png`

const row = (name: string) => it.page.locator('.runs li').filter({ hasText: name })

/** What is painted in a row: names, the pictures' own widths, and the room that they take. */
const painted = (name: string) =>
  row(name)
    .locator('img')
    .evaluateAll((all) =>
      all.map((img) => {
        const { alt, complete, naturalWidth, offsetWidth, offsetHeight } = img as HTMLImageElement
        return [alt, complete && naturalWidth, offsetWidth, offsetHeight]
      }),
    )

test('a run shows its pictures by itself when it ends: three, small, in places kept for them, and no markup of their names', async () => {
  const asked: string[] = []
  it.page.on('request', (request) => request.resourceType() === 'image' && asked.push(request.url()))
  await it.client.run({
    code: 'open("a.svg", "w").write("<svg/>")\nopen("b.html", "w").write("<p>")',
    description: 'none',
  })
  await row('none').getByText('succeeded').waitFor()
  await it.client.run({ code: drawing(['a.png', NASTY, 'c.png', 'd.png']), description: 'draws' })
  await row('draws').getByText('succeeded').waitFor()
  const square = (name: string) => [name, 9, 72, 48]
  await expect.poll(() => painted('draws')).toEqual([NASTY, 'a.png', 'c.png'].map(square))
  expect(await it.page.evaluate(() => (window as { pwned?: number }).pwned)).toBe(undefined)
  expect([await painted('none'), asked.length]).toEqual([[], 3])
  await row('draws').locator('.thumbnails').click()
  await it.page.getByRole('heading', { name: 'draws' }).waitFor()
  expect(it.complaints).toEqual([])
})

test('a picture that is gone leaves a quiet drawing, and what was uploaded in its place is not shown', async () => {
  await it.client.run({ code: drawing(['kept.png', 'gone.png', 'other.png']), description: 'loses' })
  await row('loses').getByText('succeeded').waitFor()
  const statuses = await it.page.evaluate(async () => {
    const gone = await fetch('/app/api/files/gone.png', { method: 'DELETE' })
    const put = await fetch('/app/api/files/other.png', { method: 'PUT', body: '<svg onload=top.pwned=1>' })
    return [gone.ok, put.ok]
  })
  expect(statuses).toEqual([true, true])
  await it.open('/app/runs')
  await expect
    .poll(() => painted('loses'))
    .toEqual([
      ['gone.png', 72, 72, 48],
      ['kept.png', 9, 72, 48],
    ])
  expect(it.complaints).toEqual([])
})

test('a picture that a later run makes anew is that run’s alone', async () => {
  await it.client.run({ code: drawing(['plot.png', 'first.png']), description: 'earlier' })
  await row('earlier').getByText('succeeded').waitFor()
  await it.client.run({ code: drawing(['plot.png']).replace('\\xc0', '\\x20'), description: 'later' })
  await row('later').getByText('succeeded').waitFor()
  await expect.poll(() => painted('later')).toEqual([['plot.png', 9, 72, 48]])
  await expect.poll(() => painted('earlier')).toEqual([['first.png', 9, 72, 48]])
})

test('an address of a picture gives pictures of the four types alone, to who is signed in', async () => {
  const others = `
open("page.html", "w").write("<h1>Sign in</h1>")
open("fake.png", "w").write("<h1>Sign in</h1>")
open("half.png", "wb").write(open("own.png", "rb").read()[:50])
open("grown.png", "wb").write(open("own.png", "rb").read().replace(b"IDAT", bytes(2_000_000) + b"IDAT"))
open("other-name.txt", "wb").write(open("own.png", "rb").read())`
  await it.client.run({ code: `${drawing(['own.png'])}${others}` })
  const seen = async (path: string, context = it.context) => {
    const response = await context.request.get(`${it.server.origin}/app/thumbnails/${path}`, { maxRedirects: 0 })
    const { location, 'content-type': type, 'cross-origin-resource-policy': policy } = response.headers()
    return [response.status(), location ?? type, policy]
  }
  const none = [302, '/assets/icons/no-picture.svg', undefined]
  expect(await seen('own.png')).toEqual([200, 'image/png', 'same-origin'])
  // What it is counts, not its name.
  expect(await seen('other-name.txt')).toEqual([200, 'image/png', 'same-origin'])
  for (const path of ['page.html', 'fake.png', 'half.png', 'grown.png', 'nothing.png', '..%2f..%2fx.png', ''])
    expect([path, await seen(path)]).toEqual([path, none])
  const visitor = await it.browser.newContext()
  expect(await seen('own.png', visitor)).toEqual([303, '/sign-in?return=%2Fapp%2Fthumbnails%2Fown.png', undefined])
  await visitor.close()
})
