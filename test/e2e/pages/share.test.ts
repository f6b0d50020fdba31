/** A run that is shown to somebody who is not signed in, and taken away again, in a real browser. */
import { expect, test } from 'vitest'
import { signedInPage } from '../../support/signed-in-page.ts'
import { seriousFaults } from '../../support/axe.ts'
import { until } from '../../support/until.ts'

const it = signedInPage()

/** A picture of 2 by 1 pixels, made without a package. */
const DRAW = `import struct, zlib
def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
pixels = zlib.compress(b"\\x00" + b"\\xff\\x00\\x00\\x00\\xff\\x00")
header = chunk(b"IHDR", struct.pack(">2I5B", 2, 1, 8, 2, 0, 0, 0))
open("dots.png", "wb").write(b"\\x89PNG\\r\\n\\x1a\\n" + header + chunk(b"IDAT", pixels) + chunk(b"IEND", b""))
print("two dots")
print("<script>document.title = 'pwned'</script>")`

test('a link is made on the run’s page, shows the run to a visitor, and nothing once it is revoked', async () => {
  await it.run(DRAW)
  await it.ended('succeeded')
  await it.page.getByRole('link', { name: 'Share' }).click()
  await it.page.getByText('The link works on this computer only').waitFor()
  await it.page.getByLabel('It ends after').selectOption('1')
  await it.page.getByRole('button', { name: 'Make a link' }).click()
  const url = (await it.page.locator('pre[data-copy]').textContent())!

  const visitor = await it.browser.newContext({ viewport: { width: 360, height: 740 }, colorScheme: 'dark' })
  const page = await visitor.newPage()
  const complaints: string[] = []
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  await page.goto(url)
  await until(() => page.locator('main pre').first().textContent()).toBe(
    "two dots\n<script>document.title = 'pwned'</script>\n",
  )
  await until(() => page.getByAltText('dots.png').evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(2)
  expect(await page.title()).toBe('A run – a shared run')
  expect(await page.locator('script, form, nav, a[href^="/"]').count()).toBe(0)
  expect(await seriousFaults(page)).toEqual([])
  expect(complaints).toEqual([])
  // Neither a picture nor the page stays in a cache, and the address goes nowhere.
  await page.route('**/elsewhere', (route) => route.fulfill({ body: 'elsewhere' }))
  await page.goto(`${it.server.origin}/elsewhere`)

  await it.page.getByRole('button', { name: 'Revoke' }).click()
  await it.page.getByRole('button', { name: 'Make a link' }).waitFor()
  await until(() => it.page.locator('pre[data-copy]').count()).toBe(0)
  await page.goBack()
  await page.getByRole('heading', { name: 'This link shows nothing' }).waitFor()
  expect((await visitor.request.get(`${url}/0`)).status()).toBe(404)
  await visitor.close()
})

test('a run can be shared when it has ended, on the page that was open all the while', async () => {
  await it.run('import time\nprint("on", flush=True)\ntime.sleep(600)')
  await it.log.getByText('on').waitFor()
  const share = it.page.getByRole('link', { name: 'Share' })
  expect(await share.count()).toBe(0)
  await it.page.getByRole('button', { name: 'Stop' }).click()
  await it.ended('stopped')
  await share.click()
  await it.page.getByRole('heading', { name: 'Share this run' }).waitFor()
  expect(it.complaints).toEqual([])
})
