/** The pages about files: folders, previews, several at once, strangers' documents. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import { png } from '../../support/pillow.ts'
import { signedInPage } from '../../support/signed-in-page.ts'

const it = signedInPage()
const PROGRAM = `
import os, shutil
for name in os.listdir('.'):
    if name != os.path.basename(__file__): shutil.rmtree(name) if os.path.isdir(name) else os.remove(name)
os.makedirs('out/charts <b>')
open('a&b.txt', 'w').write('one\\n<script>document.title = "ran"</script>\\n')
open('out/table.csv', 'w').write('name,n\\n"a, ""b""\\nc",1\\n' + ''.join(f'row {i},{i}\\n' for i in range(300)))
open('out/program.py', 'w').write('def f():\\n    return "text"\\n')
open('out/charts <b>/x.svg', 'w').write('<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><style>rect { fill: rgb(0, 128, 0) }</style><rect id="drawn" width="40" height="40"/><script>top.document.title = "ran"</script></svg>')
open('out/page.html', 'w').write('<p id="said" style="color: rgb(255, 0, 0)" onclick="x()">hello</p><script>top.document.title="ran"</script><img src="/app/api/runs" onerror="top.document.title=1"><form action="/app/files/delete"><button>send</button></form><base href="https://example.com"><meta http-equiv="refresh" content="0;url=https://example.com">')
open('raw.bin', 'wb').write(bytes(range(256)))
open('zero.txt', 'w').close()
open('long.log', 'w').write('line\\n' * 100_000)
`

beforeEach(async () => {
  await it.client.run({ code: PROGRAM })
})

/** Names of the rows that are shown. */
const names = () => it.page.locator('.entries .name a').allInnerTexts()

/** What the page says that is gone. */
const told = () => it.page.locator('p.done[role=status]').allInnerTexts()

test('folders are walked through by links, with what is in each', async () => {
  await it.open('/app/files')
  await until(names).toEqual(['out/', 'a&b.txt', 'long.log', 'raw.bin', 'zero.txt'])
  await it.page.getByText('4 files').waitFor()
  await it.page.getByRole('link', { name: 'out/', exact: true }).click()
  await until(names).toEqual(['charts <b>/', 'page.html', 'program.py', 'table.csv'])
  await it.page.getByRole('link', { name: 'charts <b>/', exact: true }).click()
  await until(names).toEqual(['x.svg'])
  await it.page.locator('.way').getByRole('link', { name: 'out' }).click()
  await until(names).toContain('table.csv')
  await it.page.locator('.way').getByRole('link', { name: 'Files' }).click()
  await until(names).toContain('a&b.txt')
  // What is uploaded goes to the folder that is shown.
  await it.open('/app/files?in=out')
  const file = { name: 'new.txt', mimeType: 'text/plain', buffer: Buffer.from('new') }
  await it.page.getByLabel('Upload files').setInputFiles([file])
  await expect.poll(names).toContain('new.txt')
  const { outcome } = await it.client.run({ code: "print(open('out/new.txt').read())" })
  expect(outcome.stdout).toBe('new\n')
  expect(it.complaints).toEqual([])
})

test('text is shown as text, coloured where it is code; of a long one the beginning', async () => {
  await it.open('/app/files/view?path=a%26b.txt')
  await until(() => it.page.locator('.program code').allInnerTexts()).toEqual([
    'one',
    '<script>document.title = "ran"</script>',
  ])
  await it.open('/app/files/view?path=out%2Fprogram.py')
  await it.page.locator('.hljs-keyword', { hasText: 'def' }).waitFor()
  await it.open('/app/files/view?path=long.log')
  await until(() => it.page.locator('.program li').count()).toBe(2000)
  await it.page.getByText('These are the first 2000 lines').waitFor()
  await it.open('/app/files/view?path=zero.txt')
  await it.page.getByText('The file is empty.').waitFor()
  await it.page.getByText(/0 bytes, changed/).waitFor()
  await it.open('/app/files/view?path=raw.bin')
  await it.page.getByText('There is no preview').waitFor()
  expect(await it.page.title()).toContain('raw.bin')
  expect(it.complaints).toEqual([])
})

test('a table shows 200 rows, with quotes and line ends in values, and numbers to the right', async () => {
  await it.open('/app/files/view?path=out%2Ftable.csv')
  await until(() => it.page.getByRole('columnheader').allInnerTexts()).toEqual(['name', 'n'])
  const rows = it.page.locator('.data tbody tr')
  await until(() => rows.count()).toBe(200)
  await until(() => rows.nth(0).locator('td').allTextContents()).toEqual(['a, "b"\nc', '1'])
  await until(() => rows.nth(199).locator('td').allTextContents()).toEqual(['row 198', '198'])
  await until(() => it.page.locator('.data td.number').count()).toBe(200)
  await it.page.getByText('The first 200 rows').waitFor()
})

test('a picture is shown', async () => {
  await it.client.run({
    code: 'import base64; open("dot.png", "wb").write(base64.b64decode(input()))',
    stdin: png({ width: 40, height: 30 }).toString('base64'),
  })
  await it.open('/app/files/view?path=dot.png')
  const picture = it.page.getByRole('img', { name: 'dot.png' })
  expect(await picture.evaluate((image: HTMLImageElement) => image.decode().then(() => image.naturalWidth))).toBe(40)
})

test('a document keeps its looks; nothing in it runs, loads, sends, or knows who looks', async () => {
  await it.page.goto('about:blank')
  const asked: string[] = []
  it.page.on('requestfinished', (request) => asked.push(request.url()))
  const refused: unknown[] = []
  it.page.on('requestfailed', (request) => refused.push([request.url(), request.failure()?.errorText]))
  for (const [path, element, style] of [
    ['out/page.html', '#said', 'rgb(255, 0, 0)'],
    ['out/charts <b>/x.svg', '#drawn', 'rgb(0, 128, 0)'],
  ] as const) {
    await it.open(`/app/files/view?path=${encodeURIComponent(path)}`)
    const frame = it.page.frameLocator('iframe.framed')
    await frame.locator(element).waitFor({ state: 'attached' })
    const property = path.endsWith('svg') ? 'fill' : 'color'
    expect(
      await frame.locator(element).evaluate((each, name) => getComputedStyle(each).getPropertyValue(name), property),
    ).toBe(style)
    const [, inner] = it.page.frames()
    expect(await inner!.evaluate(() => [origin, location.href])).toEqual([
      'null',
      expect.stringContaining('/app/framed/out/'),
    ])
    expect(await it.page.title()).toContain(path)
  }
  expect(asked.filter((url) => !/\/app\/(?:files\/view|framed\/out\/)|\/assets\//.test(url))).toEqual([])
  expect(refused).toEqual([[`${it.server.origin}/app/api/runs`, 'csp']])
})

test('marked files and folders are fetched as one, and all of them', async () => {
  await it.open('/app/files')
  const said = it.page.locator('#list').getByRole('status')
  for (const what of ['Download', 'Delete']) {
    await it.page.getByRole('button', { name: `${what} the marked ones` }).click()
    await until(() => said.innerText()).toBe('Mark some first.')
    await it.page.getByLabel('Mark a&b.txt').check()
    await until(() => said.innerText()).toBe('')
    await it.page.getByLabel('Mark a&b.txt').uncheck()
  }
  await it.page.getByLabel('Mark a&b.txt').check()
  await it.page.getByLabel('Mark out/').check()
  const fetched = async (act: Promise<void>) => {
    const [download] = await Promise.all([it.page.waitForEvent('download'), act])
    return execFileSync('tar', ['-tzf', await download.path()], { encoding: 'utf8' })
      .split('\n')
      .filter((name) => /[^/]$/.test(name))
      .toSorted()
  }
  const marked = ['./a&b.txt', './out/charts <b>/x.svg', './out/page.html', './out/program.py', './out/table.csv']
  expect(await fetched(it.page.getByRole('button', { name: 'Download the marked ones' }).click())).toEqual(marked)
  expect(await fetched(it.page.getByRole('link', { name: 'Download all as tar.gz' }).click())).toEqual(
    [...marked, './long.log', './raw.bin', './zero.txt'].toSorted(),
  )
})

test('a file, a folder, or several, are deleted after a question, and a word tells what is gone', async () => {
  await it.open('/app/files')
  await it.page.getByRole('button', { name: 'Delete zero.txt' }).click()
  await it.page.getByRole('heading', { name: 'Delete zero.txt?' }).waitFor()
  await it.page.getByRole('link', { name: 'Keep' }).click()
  await until(names).toContain('zero.txt')
  await it.page.getByRole('button', { name: 'Delete zero.txt' }).click()
  await it.page.getByText('It will be gone for good.').waitFor()
  await it.page.getByRole('button', { name: 'Delete', exact: true }).click()
  await expect.poll(names).toEqual(['out/', 'a&b.txt', 'long.log', 'raw.bin'])
  await until(told).toEqual(['Deleted: zero.txt'])
  await it.page.reload()
  await until(told).toEqual([])
  await it.page.getByLabel('Mark a&b.txt').check()
  await it.page.getByLabel('Mark raw.bin').check()
  await it.page.getByRole('button', { name: 'Delete the marked ones' }).click()
  await it.page.getByRole('heading', { name: 'Delete 2 files and folders?' }).waitFor()
  await it.page.getByRole('link', { name: 'Keep' }).click()
  await until(names).toContain('raw.bin')
  await it.page.getByRole('link', { name: 'out/', exact: true }).click()
  await it.page.getByRole('button', { name: 'Delete out/charts <b>/' }).click()
  await it.page.getByText('1 file will be gone for good').waitFor()
  await it.page.getByRole('button', { name: 'Delete', exact: true }).click()
  await expect.poll(names).toEqual(['page.html', 'program.py', 'table.csv'])
  await until(told).toEqual(['Deleted: out/charts <b>/'])
  await it.open('/app/files')
  await it.page.getByRole('button', { name: 'Delete out/' }).click()
  await it.page.getByText('3 files will be gone for good').waitFor()
  await it.page.getByRole('button', { name: 'Delete', exact: true }).click()
  await expect.poll(names).toEqual(['a&b.txt', 'long.log', 'raw.bin'])
  await it.page.getByLabel('Mark a&b.txt').check()
  await it.page.getByLabel('Mark raw.bin').check()
  await it.page.getByRole('button', { name: 'Delete the marked ones' }).click()
  await it.page.getByText('2 files will be gone for good').waitFor()
  await it.page.getByRole('button', { name: 'Delete', exact: true }).click()
  await expect.poll(names).toEqual(['long.log'])
  await until(told).toEqual(['Deleted: 2 files and folders'])
  const { outcome } = await it.client.run({ code: "import os; print(os.path.exists('out'))" })
  expect(outcome.stdout).toBe('False\n')
  expect(it.complaints).toEqual([])
})

test('a link out of the working folder is neither looked at, fetched nor emptied', async () => {
  writeFileSync(join(it.server.root, 'outside.txt'), 'outside')
  await it.client.run({
    code: `import os\nos.symlink(${JSON.stringify(it.server.root)}, 'link')\nos.symlink(${JSON.stringify(join(it.server.root, 'outside.txt'))}, 'file.txt')`,
  })
  const answers = []
  for (const path of [
    '/app/files/view?path=file.txt',
    '/app/files/view?path=link%2Foutside.txt',
    '/app/files/view?path=..%2Fx',
  ]) {
    await it.open(path)
    answers.push(await it.page.locator('h1').innerText())
  }
  expect(answers).toEqual(['Not here', 'Not here', 'That did not work'])
  const status = async (method: string, path: string) =>
    (await fetch(`${it.server.origin}${path}`, { method, headers: { authorization: `Bearer ${it.server.token}` } }))
      .status
  expect(await status('GET', '/files?archive=tar.gz&paths=["link/outside.txt"]')).toBe(404)
  expect(await status('GET', '/files?archive=tar.gz&paths=["link"]')).toBe(404)
  expect(await status('GET', '/files?archive=tar.gz&paths=x')).toBe(400)
  expect(await status('GET', '/files?archive=zip')).toBe(400)
  expect(await status('GET', '/files?archive=tar.gz&below=../up')).toBe(400)
  expect(await status('DELETE', '/files/link?folder=true')).toBe(404)
  expect(await status('DELETE', '/files/a%26b.txt?folder=true')).toBe(404)
  expect(await status('DELETE', '/files/out?folder=yes')).toBe(400)
  expect(await status('DELETE', '/files/out?folder=true')).toBe(200)
})
