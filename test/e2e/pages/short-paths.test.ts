/** Tracebacks on the pages: with the short paths that a model's text has. What is downloaded stays as it was printed. */
import { expect, test } from 'vitest'
import { signedInPage } from '../../support/signed-in-page.ts'
import { until } from '../../support/until.ts'

const it = signedInPage()

/** A traceback that comes in pieces, one in colours, a warning, a path that is no traceback's, and an error of a library. */
const PROGRAM = `import json, os, sys, time, traceback, warnings
for piece in ['Traceback (most recent call last):\\n  Fi', f'le "{__file__[:-6]}', f'{__file__[-6:]}", line', ' 7, in <module>\\nPieces: whole\\n']:
    sys.stderr.write(piece); sys.stderr.flush(); time.sleep(0.3)
sys.stderr.write(f'\\x1b[2m  File "\\x1b[35m{__file__}\\x1b[0m", line \\x1b[36m8\\x1b[0m, in <module>\\n')
warnings.warn('old')
print(__file__)
try: open('nothing')
except OSError: traceback.print_exc(file=sys.stdout)
json.loads('{')`

const PIECES = ['Traceback (most recent call last):', '  File "main.py", line 7, in <module>', 'Pieces: whole']
/** In faint letters, name and number in colours. */
const COLOURED = '  File "main.py", line 8, in <module>'

test('a traceback has the program’s short name and a library’s short paths, also in pieces and in colours', async () => {
  await it.run(PROGRAM)
  await it.ended('failed')
  const run = it.page.url().split('/').at(-1)!
  const printed = await it.downloaded('output')
  const path = /^\/.*\/_run(?:_\d+)?_main\.py$/m.exec(printed)![0]
  const lines = async (stream: 'stdout' | 'stderr') =>
    (await it.log.locator(`.${stream}`).allTextContents()).map((line) => line.replace(/\n$/, ''))

  const [stdout, stderr] = [await lines('stdout'), await lines('stderr')]
  expect(stdout.slice(0, 3)).toEqual([path, PIECES[0], '  File "main.py", line 7, in <module>'])
  expect(stderr.slice(0, 4)).toEqual([...PIECES, COLOURED])
  expect(stderr[4]).toBe('main.py:5: UserWarning: old')
  expect(stderr.filter((line) => line.includes('File "')).at(-1)).toMatch(
    /File "…\/python3\.\d+\/json\/decoder\.py", line/,
  )
  expect([...stdout.slice(1), ...stderr].filter((line) => line.includes(path) || line.includes('_run_'))).toEqual([])
  // What is coloured is the same as before: the name, and the number behind it.
  const coloured = it.log.locator('.stderr').filter({ has: it.page.locator('.fg-6') })
  await until(() => coloured.locator('span').allTextContents()).toEqual(['  File "', 'main.py', '8'])

  // A model reads the same lines.
  const response = await it.context.request.get(`${it.server.origin}/app/api/runs/${run}`)
  const { outcome } = (await response.json()) as { outcome: { stdout: string; stderr: string } }
  expect(stdout).toEqual(outcome.stdout.split('\n').slice(0, -1))
  expect(stderr).toEqual(outcome.stderr.split('\n').slice(0, -1))

  // The downloaded output is what was printed, byte by byte.
  expect(printed).toContain(
    `Traceback (most recent call last):\n  File "${path}", line 7, in <module>\nPieces: whole\n`,
  )
  expect(printed).toContain(`\u001B[2m  File "\u001B[35m${path}\u001B[0m", line`)
  expect(it.complaints).toEqual([])

  await it.page.getByRole('link', { name: 'Share' }).click()
  await it.page.getByRole('button', { name: 'Make a link' }).click()
  await it.page.goto((await it.page.locator('pre[data-copy]').textContent())!)
  await until(() => it.page.locator('main pre.stderr').textContent()).toBe(outcome.stderr)
  expect(outcome.stderr.startsWith(`${PIECES.join('\n')}\n${COLOURED}\n`)).toBe(true)
})
