/** What a person takes from a run's page: the notebook, copies; and what they are told of why it failed. */
import { expect, test } from 'vitest'
import { signedInPage } from '../../support/signed-in-page.ts'
import { until } from '../../support/until.ts'

const it = signedInPage()
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

test('a run is a notebook: program, output in its order, picture, error', async () => {
  const code = `import base64, sys\nprint("ö 1", flush=True)\nprint("warned", file=sys.stderr)\nopen("dot.png", "wb").write(base64.b64decode("${PNG}"))\ndef f(): 1/0\nf()`
  const { outcome } = await it.client.run({ code, description: 'a *bold* <b>plan</b>' })
  await it.open(`/app/runs/${outcome.run_id}`)
  const [text, download] = [await it.downloaded('Notebook'), it.page.waitForEvent('download')]
  await it.page.getByRole('link', { name: 'Notebook' }).click()
  expect((await download).suggestedFilename()).toBe(`${outcome.run_id}.ipynb`)
  const kept = JSON.parse(text)
  const outputs = kept.cells[1].outputs
  expect({ ...kept, cells: kept.cells.map((cell: object) => ({ ...cell, outputs: undefined })) }).toEqual({
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {
      kernelspec: { display_name: 'Python 3', language: 'python', name: 'python3' },
      language_info: { name: 'python' },
    },
    cells: [
      { cell_type: 'markdown', id: 'about', metadata: {}, source: ['a \\*bold\\* &lt;b\\>plan&lt;/b\\>'] },
      { cell_type: 'code', id: 'program', metadata: {}, execution_count: 1, source: code.match(/.+\n|.+$/g) },
    ],
  })
  expect(outputs).toEqual([
    { output_type: 'stream', name: 'stdout', text: ['ö 1\n'] },
    {
      output_type: 'stream',
      name: 'stderr',
      text: expect.arrayContaining(['warned\n', 'ZeroDivisionError: division by zero\n']),
    },
    { output_type: 'display_data', data: { 'image/png': PNG, 'text/plain': ['dot.png'] }, metadata: {} },
    {
      output_type: 'error',
      ename: 'ZeroDivisionError',
      evalue: 'division by zero',
      traceback: expect.arrayContaining(['> 5 | def f(): 1/0', 'ZeroDivisionError: division by zero']),
    },
  ])
})

test('output and program are copied as they were printed and written', async () => {
  await it.context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const code = 'for i in range(3):\n    print(i)\n\nprint("\\x1b[31mred\\x1b[0m")'
  await it.run(code)
  await it.ended('succeeded')
  const copied = () => it.page.evaluate(() => navigator.clipboard.readText())
  await it.page.getByRole('button', { name: 'Copy output' }).click()
  await it.page.getByRole('button', { name: 'Copied' }).waitFor()
  expect(await copied()).toBe('0\n1\n2\nred\n')
  await it.page.getByRole('button', { name: 'Copy program' }).click()
  await expect.poll(copied).toBe(`${code}\n`)
})

test('a failure says what was learned before, how often that helped, where it stands; the error leads into the function', async () => {
  await it.client.call('add_learning', { error_pattern: "KeyError: 'colour'", solution: 'ask for color', context: '' })
  await it.run("def f(row):\n    return row['colour']\n\nf({})")
  await it.ended('failed')
  await until(() => it.page.locator('#said').textContent()).toBe('The run failed.')
  await until(() => it.page.locator('link[rel=icon]').getAttribute('href')).toBe('/assets/icons/error.svg')
  await it.page.getByText('ask for color').waitFor()
  await it.page.getByText('Not yet tried.').waitFor()
  await it.page.getByRole('link', { name: 'line 2', exact: true }).click()
  await until(() => it.page.locator('.marked code').innerText()).toBe("    return row['colour']")
  await it.page.getByRole('link', { name: 'See it' }).click()
  await it.page.locator('.learnings > li:target').getByText('ask for color').first().waitFor()
  expect(it.complaints).toEqual([])
})

test('what a failure was told of is said in lines, once, also when it was deleted since', async () => {
  const description = 'read the hue'
  await it.client.run({ code: 'd = {"hue": 1}\nif d:\n    print(d["hues"])', description })
  await it.client.run({ code: 'd = {"hue": 1}\nif d:\n    print(d["hue"])', description })
  const { outcome } = await it.client.run({ code: 'd = {"hue": 1}\nif d:\n    print(d["hues"])', description })
  await it.open(`/app/runs/${outcome.run_id}`)
  const told = it.page.locator('.problem li')
  const texts = ["KeyError: 'hues'", 'Gone after this change:\n-     print(d["hues"])\n+     print(d["hue"])']
  const parts = () => told.locator('p, pre, span.facts').allInnerTexts()
  await until(parts).toEqual([...texts, `It was learned with: ${description}`, 'Not yet tried. See it'])
  await told.getByRole('link', { name: 'See it' }).click()
  await until(() => it.page.locator('.learnings > li:target > pre').allInnerTexts()).toEqual([texts[1]])
  await it.page.locator('.learnings > li:target').getByText('Edit').click()
  await it.page.locator('.learnings > li:target').getByRole('button', { name: 'Delete' }).click()
  await it.page.getByRole('button', { name: 'Delete', exact: true }).click()
  await it.page.getByText('Deleted:').waitFor()
  await it.open(`/app/runs/${outcome.run_id}`)
  await until(parts).toEqual([...texts, `It was learned with: ${description}`, 'It was deleted since.'])
  expect(it.complaints).toEqual([])
})

test('each state has an icon', async () => {
  for (const state of ['plain', 'queued', 'running', 'success', 'error', 'timeout', 'cancelled', 'lost']) {
    const icon = await it.context.request.get(`${it.server.origin}/assets/icons/${state}.svg`)
    expect([state, icon.status(), icon.headers()['content-type']]).toEqual([state, 200, 'image/svg+xml; charset=utf-8'])
  }
  expect((await it.context.request.get(`${it.server.origin}/assets/icons/x.svg`)).status()).toBe(404)
})
