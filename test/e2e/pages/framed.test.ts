/** HTML and SVG that programs made: seen as they look, in a frame that can do nothing. */
import { expect, test } from 'vitest'
import { signedInPage } from '../../support/signed-in-page.ts'

const it = signedInPage()

/** Ways to run, to leave the frame, to reach the page around or another server. */
const TRICKS = [
  '<script>document.title = "pwned"; top.pwned = 1</script>',
  '<img src="x" onerror="top.pwned = 1">',
  '<svg onload="top.pwned = 1"><a href="javascript:top.pwned = 1"><text>x</text></a></svg>',
  '<iframe srcdoc="<script>top.pwned = 1</script>"></iframe>',
  '<object data="javascript:top.pwned = 1"></object>',
  '<embed src="/app/runs">',
  '<meta http-equiv="refresh" content="0;url=/account">',
  '<base target="_top" href="/">',
  '<form action="/account/delete" method="post" target="_top"><button autofocus>Continue</button></form>',
  '<link rel="stylesheet" href="https://evil.example/x.css"><img src="https://evil.example/x.png">',
]

test('a table and a drawing are seen with their styles; nothing in them runs, loads or leads away', async () => {
  const sent: string[] = []
  it.page.on('requestfinished', (request) => sent.push(request.url()))
  it.page.on('requestfailed', (request) => request.failure()?.errorText !== 'csp' && sent.push(request.url()))
  const table = `<style>td { color: rgb(1, 2, 3) }</style><table><tr><td style="padding: 7px">cell</td></tr></table>${TRICKS.join('')}`
  const drawing =
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><script>top.pwned = 1</script><rect id="r" width="9" height="9" style="fill: rgb(4, 5, 6)" onload="top.pwned = 1"/></svg>'
  await it.run(
    `open("a table.html", "w").write(${JSON.stringify(table)})\nopen("drawing.svg", "w").write(${JSON.stringify(drawing)})`,
  )
  await it.ended('succeeded')
  const cell = it.page.frameLocator('iframe[title="a table.html"]').locator('td')
  await cell.scrollIntoViewIfNeeded()
  await cell.waitFor()
  const seen = await cell.evaluate((td) => [getComputedStyle(td).color, getComputedStyle(td).padding, origin])
  expect(seen).toEqual(['rgb(1, 2, 3)', '7px', 'null'])
  const rect = it.page.frameLocator('iframe[title="drawing.svg"]').locator('#r')
  await rect.waitFor()
  expect(await rect.evaluate((each) => getComputedStyle(each).fill)).toBe('rgb(4, 5, 6)')
  expect(await it.page.evaluate(() => (window as { pwned?: number }).pwned)).toBe(undefined)
  expect(await it.page.title()).not.toContain('pwned')
  expect(new URL(it.page.url()).pathname).toMatch(/^\/app\/runs\/r_/)
  expect(sent.filter((url) => !url.startsWith(it.server.origin))).toEqual([])
  expect(sent.filter((url) => /account|delete/.test(url))).toEqual([])
})

test('outside of a frame they are not shown, and other files never are', async () => {
  await it.run('open("page.html", "w").write("<h1>Sign in</h1>")\nopen("data.json", "w").write("{}")')
  await it.ended('succeeded')
  const alone = await it.page.goto(`${it.server.origin}/app/framed/page.html`)
  expect([alone?.status(), await it.page.locator('h1').innerText()]).toEqual([404, 'Not here'])
  const headers = { 'sec-fetch-dest': 'iframe' }
  const get = (path: string) => it.context.request.get(it.server.origin + path, { headers })
  const shown = await get('/app/framed/page.html')
  expect(shown.headers()['content-security-policy']).toMatch(/^sandbox; default-src 'none'; .*frame-ancestors 'self'$/)
  const statuses = []
  for (const path of ['data.json', 'nothing.html', '..%2f..%2fx.html', ''])
    statuses.push((await get(`/app/framed/${path}`)).status())
  expect(statuses).toEqual([415, 404, 400, 415])
})
