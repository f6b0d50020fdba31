/** Files on the page of a run that later runs have changed, or deleted: the page says so, as it shows them as they are now. */
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { gateOf } from '../../support/gate.ts'
import { signedInPage } from '../../support/signed-in-page.ts'

const it = signedInPage()

/** Opens the page of the run of this name, and waits until the module has looked what became of its files. */
async function open(name: string): Promise<void> {
  await it.open('/app/runs')
  await it.page.getByRole('link', { name }).first().click()
  await it.ended('succeeded')
}

test('a file that was changed or deleted since says so on its run’s page, on no other', async () => {
  const NAME = `"><b>'&.csv`
  await it.client.run({
    code: `for name in ("kept.csv", "gone.csv", ${JSON.stringify(NAME)}): open(name, "w").write("a,b\\n1,2\\n")`,
    description: 'earlier',
  })
  await setTimeout(3_500) // clocks that differ by two seconds are taken for one, and a file's time is told in whole ones
  await it.client.run({
    code: `import os\nos.remove("gone.csv")\nopen(${JSON.stringify(NAME)}, "w").write("a,b\\n3,4\\n")`,
    description: 'later',
  })
  const words = () => it.page.locator('ul.files li').allInnerTexts()
  await open('earlier')
  await expect
    .poll(words)
    .toEqual([
      `${NAME} created, 8 bytes changed since: the link shows how it is now Download`,
      'gone.csv created, 8 bytes deleted since Download',
      'kept.csv created, 8 bytes Download',
    ])
  await open('later')
  expect(await words()).toEqual([`${NAME} changed, 8 bytes Download`, 'gone.csv deleted'])
  expect(it.complaints.filter((words) => !words.includes('404'))).toEqual([])
})

test('a picture that another run makes anew within the same second is on the later page alone', async () => {
  const drawing = (colour: string, width: number) => `import struct, zlib
part = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
head = part(b"IHDR", struct.pack(">IIBBBBB", ${width}, 1, 8, 2, 0, 0, 0))
open("chart.png", "wb").write(b"\\x89PNG\\r\\n\\x1a\\n" + head + part(b"IDAT", zlib.compress(b"\\0" + b"${colour}" * ${width})) + part(b"IEND", b""))`
  await it.client.run({ code: drawing('\\xc0\\x20\\x20', 9), description: 'red one' })
  await it.client.run({ code: drawing('\\x20\\xc0\\x20', 7), description: 'green one' })
  const words = () => it.page.locator('ul.files li').allInnerTexts()
  const widths = () =>
    it.page.getByAltText('chart.png').evaluateAll((all) => all.map((img) => (img as HTMLImageElement).naturalWidth))
  await open('red one')
  await expect
    .poll(words)
    .toEqual([expect.stringMatching(/^chart.png created, .* changed since: the link shows how it is now Download$/)])
  expect(await widths()).toEqual([])
  await open('green one')
  await expect.poll(words).toEqual([expect.stringMatching(/^chart.png changed, \d+ bytes Download$/)])
  await expect.poll(widths).toEqual([7])
  // No run has told of this one, and its time is the run's.
  await it.page.evaluate(() => fetch('/app/api/files/chart.png', { method: 'PUT', body: 'other' }))
  await it.page.reload()
  await expect
    .poll(words)
    .toEqual([expect.stringMatching(/^chart.png changed, .* changed since: the link shows how it is now Download$/)])
  await expect.poll(widths).toEqual([])
})

test('a file that another run may have made, which was live as well, says so on the pages of both', async () => {
  const gate = gateOf(it.server)
  await it.run(`print("on", flush=True)\n${gate.wait}`)
  await it.log.getByText('on').waitFor()
  await it.client.run({ code: 'open("both.txt", "w").write("x")', description: 'beside it' })
  await gate.open()
  await it.ended('succeeded')
  const words = () => it.page.locator('ul.files li').allInnerTexts()
  const said = 'both.txt created, 1 byte; another run was going on when it was made Download'
  await expect.poll(words).toEqual([said])
  await open('beside it')
  expect(await words()).toEqual([said])
})
