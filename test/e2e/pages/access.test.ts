/** Pages for everybody: small and dark screens, keyboards, screen readers, and browsers that come to the wrong address. */
import { expect, test } from 'vitest'
import { seriousFaults } from '../../support/axe.ts'
import { signedInPage } from '../../support/signed-in-page.ts'

const it = signedInPage()

test.each([
  ['1280 px, light', { width: 1280, height: 900 }, 'light'],
  ['360 px, dark', { width: 360, height: 740 }, 'dark'],
] as const)(
  'at %s nothing serious is wrong for anybody, and nothing stands beside the screen',
  async (_, size, scheme) => {
    await it.client.run({ code: "open('table.csv', 'w').write('a,b\\n1,2')\nopen('page.html', 'w').write('<p>a')" })
    await it.run(`print("${'a long word'.repeat(40)}")\n1/0`)
    await it.ended('failed')
    await it.page.setViewportSize(size)
    await it.page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
    for (const path of [
      new URL(it.page.url()).pathname,
      `${new URL(it.page.url()).pathname}/share`,
      '/app/runs',
      '/app/runs?search=nothing+is+like+this',
      '/app/runs?status=error&from=2026-01-01&time_zone=Europe%2FBerlin&client=code-mode-test',
      '/account',
      '/account/sign-out-everywhere',
      '/account/export',
      '/app/files',
      '/app/files/view?path=table.csv',
      '/app/files/view?path=page.html',
      '/app/learnings',
      '/app/packages',
      '/app/usage',
      '/app/settings',
      '/',
    ]) {
      await it.page.goto(it.server.origin + path)
      expect([path, await seriousFaults(it.page)]).toEqual([path, []])
      expect([path, await it.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)]).toEqual([
        path,
        true,
      ])
    }
  },
)

test('by the keyboard alone: to the content, a run, its output, and stopping it', async () => {
  await it.run('import time\nprint("on", flush=True)\ntime.sleep(600)')
  await it.log.getByText('on').waitFor()
  const reached: string[] = []
  for (let i = 0; i < 30 && !reached.includes('Stop'); i++) {
    await it.page.keyboard.press('Tab')
    reached.push(await it.page.evaluate(() => document.activeElement?.textContent?.trim() ?? ''))
  }
  expect(reached.slice(0, 6)).toEqual(['Skip to content', 'MCP Code Mode', 'Runs', 'Files', 'Packages', 'Learnings'])
  expect(reached).toContain('Stop')
  await it.page.keyboard.press('Enter')
  await it.ended('stopped')
})

test('what is not there is said in words for people, with one next step, which is a link', async () => {
  const said = []
  for (const path of ['/app/api/files/gone.txt', '/nothing', '/app/nothing', '/app/files/view?path=..%2Fx']) {
    await it.open(path)
    said.push([await it.page.locator('main p').first().innerText(), await it.page.locator('main a').allInnerTexts()])
  }
  expect(said).toEqual([
    ['There is no such file. Next: see the page Files.', ['Files', 'Your runs']],
    ['There is nothing at /nothing. Next: see the page Runs, or the page Files.', ['Runs', 'Files', 'Your runs']],
    ['There is nothing at /app/nothing. Next: see the page Runs, or the page Files.', ['Runs', 'Files', 'Your runs']],
    ['This is no path below the working folder. Next: see the page Files.', ['Files', 'Go back']],
  ])
  await it.page.getByRole('link', { name: 'Files', exact: true }).last().click()
  await it.page.getByRole('heading', { name: 'Files', exact: true }).waitFor()
})

test('a browser gets pages where programs get JSON, with the same status', async () => {
  const answers = []
  const visitor = await it.browser.newContext()
  const other = await visitor.newPage()
  for (const path of ['/nothing', '/files', '/mcp', '/learnings/x', '/app/runs/x', '/runs', '/app/nothing']) {
    const response = await other.goto(it.server.origin + path)
    answers.push([path, response?.status(), response?.headers()['content-type'], new URL(other.url()).pathname])
  }
  await visitor.close()
  const html = 'text/html; charset=UTF-8'
  expect(answers).toEqual([
    ['/nothing', 404, html, '/nothing'],
    ['/files', 401, html, '/files'],
    ['/mcp', 401, html, '/mcp'],
    ['/learnings/x', 401, html, '/learnings/x'],
    ['/app/runs/x', 200, html, '/sign-in'],
    ['/runs', 200, html, '/sign-in'],
    ['/app/nothing', 404, html, '/app/nothing'],
  ])
})
