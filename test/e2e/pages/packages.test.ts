/** The page about packages, with an index of its own. */
import { readFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { type PackageIndex, startPackageIndex } from '../../support/package-index.ts'
import { signedInPage } from '../../support/signed-in-page.ts'
import { until } from '../../support/until.ts'

let index: PackageIndex
const it = signedInPage(async () => {
  index = await startPackageIndex([
    { name: 'needed', version: '1.0', modules: { 'needed/__init__.py': 'VALUE = 1\n' } },
    { name: 'needed', version: '2.0', modules: { 'needed/__init__.py': 'VALUE = 2\n' } },
    { name: 'needing', version: '3.1', modules: { 'needing/__init__.py': 'import needed\n' }, requires: ['needed>=1'] },
    { name: 'imported-one', version: '0.5', modules: { 'imported_one/__init__.py': '' } },
  ])
  return index.env
})
afterAll(() => index?.[Symbol.asyncDispose]())

/** The rows of what was installed for the user. */
const rows = async () =>
  (await it.page.locator('.packages tbody tr').all()).length === 0
    ? []
    : it.page
        .locator('.packages tbody tr')
        .evaluateAll((all) =>
          all.map((row) =>
            [...row.querySelectorAll('th, td:not(:last-child)')].map((cell) =>
              cell.textContent.replaceAll(/\s+/g, ' ').trim(),
            ),
          ),
        )
const install = async (packages: string) => {
  await it.page.getByLabel('Packages', { exact: true }).fill(packages)
  await it.page.getByRole('button', { name: 'Install', exact: true }).click()
}
const said = (words: string | RegExp) => it.page.locator('#installed').getByText(words).waitFor()

test('packages are installed with live output, listed with who wants them, removed after a question, and brought back by a lock file', async () => {
  await it.open('/app/packages')
  await it.page.getByText('Nothing yet. Import a package').waitFor()
  await install('needing, needed==1.0')
  await said('Installed 2 packages for needing, needed==1.0.')
  await until(() => it.page.locator('#installing').innerText()).toMatch(/needing/)
  await it.client.run({ code: 'import imported_one' })
  await it.open('/app/packages')
  await until(rows).toEqual([
    ['imported-one', '0.5', expect.stringMatching(/bytes|kB/), 'a run'],
    ['needed', '1.0', expect.stringMatching(/bytes|kB/), 'needing'],
    ['needing', '3.1', expect.stringMatching(/bytes|kB/), 'you'],
  ])
  const [download] = await Promise.all([
    it.page.waitForEvent('download'),
    it.page.getByRole('link', { name: 'Download a lock file' }).click(),
  ])
  const lock = readFileSync(await download.path(), 'utf8')
  expect(lock.split('\n').slice(1)).toEqual(['imported-one==0.5', 'needed==1.0', 'needing==3.1', ''])
  await it.page.getByRole('button', { name: 'Remove imported-one' }).click()
  await expect.poll(async () => (await rows()).length).toBe(2)
  await it.page.getByRole('button', { name: 'Remove needed', exact: true }).click()
  await it.page.getByText('Programs that use these will fail without it: needing.').waitFor()
  await it.page.getByRole('button', { name: 'Remove', exact: true }).click()
  await expect.poll(async () => (await rows()).map(([name]) => name)).toEqual(['needing'])
  expect(
    (await it.client.run({ code: 'import importlib.util as u; print(u.find_spec("needed"))' })).outcome.stdout,
  ).toBe('None\n')
  await install('needed')
  await said('Installed 1 package for needed.')
  expect((await it.client.run({ code: 'import needed; print(needed.VALUE)' })).outcome.stdout).toBe('2\n')
  // The lock file brings the old versions back.
  const file = { name: 'lock.txt', mimeType: 'text/plain', buffer: Buffer.from(lock) }
  await it.page.getByLabel('Lock file').setInputFiles([file])
  await it.page.getByRole('button', { name: 'Install these versions' }).click()
  await said(/^Installed 2 packages for /)
  await until(async () => (await rows()).map(([name, version]) => `${name}==${version}`)).toEqual(
    lock.split('\n').slice(1, -1),
  )
  expect((await it.client.run({ code: 'import needed; print(needed.VALUE)' })).outcome.stdout).toBe('1\n')
  expect(it.complaints).toEqual([])
})

test('a failed installation tells a person what to do here, on both pages and without the module, and a model of its tool', async () => {
  const reason = 'Installing needed==9 failed: there is no such version for this Python; there are 1.0, 2.0.'
  const next = 'Next: install one of these, or name no version.'
  await it.open('/app/packages')
  await install('needed==9')
  await said(`${reason} ${next}`)
  await install('pytorch, pytorch')
  await it.page.getByText('Refused pytorch').waitFor()
  await until(() => it.page.locator('#installed p').allInnerTexts()).toEqual([
    'Nothing was installed.',
    'Refused pytorch: "pytorch" is the name of a module or a nickname; the package is called "torch". Next: install "torch".',
  ])
  const file = { name: 'lock.txt', mimeType: 'text/plain', buffer: Buffer.from('needed==9\nneeded==9\n') }
  await it.page.getByLabel('Lock file').setInputFiles([file])
  await it.page.getByRole('button', { name: 'Install these versions' }).click()
  await it.page.getByRole('alert').waitFor()
  await until(() => it.page.getByRole('alert').locator('p').allInnerTexts()).toEqual([`${reason} ${next}`])

  const { outcome } = await it.client.run({
    code: '# /// script\n# dependencies = ["needed==9"]\n# ///\nimport needed',
  })
  expect(outcome.hints).toContain(`${reason} Next: pip_install one of these, or name no version.`)
  await it.open(`/app/runs/${outcome.run_id}`)
  await it.facts.getByText(`${reason} ${next}`).waitFor()
  const off = await it.client.run({ code: 'import peewee', auto_install: false })
  await it.open(`/app/runs/${off.outcome.run_id}`)
  await it.facts.getByText('Next: install "peewee" on the page').waitFor()
  await it.facts.getByRole('link', { name: 'Packages' }).click()
  await it.page.getByRole('heading', { name: 'Packages' }).waitFor()
})

test('a package that is asked for twice is named once', async () => {
  await it.open('/app/packages')
  await install('needing==3.1, Needing == 3.1, needing==3.1')
  await said(/for needing==3\.1\.$|^Already there: needing==3\.1\.$/)
})

test('what cannot be installed is said, with the next step', async () => {
  await it.open('/app/packages')
  await install('--index-url=x')
  await said(/^Nothing was installed\. /)
  await install('is-not-there-at-all')
  await said(/is-not-there-at-all/)
  const file = {
    name: 'lock.txt',
    mimeType: 'text/plain',
    buffer: Buffer.from('needed==1.0\nneeded @ https://example.com/x.whl\n'),
  }
  await it.page.getByLabel('Lock file').setInputFiles([file])
  await it.page.getByRole('button', { name: 'Install these versions' }).click()
  await it.page.getByText('Line 2 of the lock file is not NAME==VERSION, so nothing was installed. Next:').waitFor()
})
