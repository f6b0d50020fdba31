/** Files on the page of a run that later runs have changed, or deleted: the page says so, as it shows them as they are now. */
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { signedInPage } from '../../support/signed-in-page.ts'

const it = signedInPage()

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
  const open = async (name: string) => {
    await it.open('/app/runs')
    await it.page.getByRole('link', { name }).click()
    await it.ended('succeeded')
    const asked = it.page.waitForResponse((response) => new URL(response.url()).pathname === '/app/api/files')
    await it.page.reload()
    await asked
  }
  await open('earlier')
  await expect
    .poll(words)
    .toEqual([
      `${NAME} created, 8 bytes changed since: this is how it is now`,
      'gone.csv created, 8 bytes deleted since',
      'kept.csv created, 8 bytes',
    ])
  await open('later')
  expect(await words()).toEqual([`${NAME} changed, 8 bytes`, 'gone.csv deleted'])
  expect(it.complaints.filter((words) => !words.includes('404'))).toEqual([])
})
