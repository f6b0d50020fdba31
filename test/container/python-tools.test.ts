/** The environment of the tools that look at the project's Python: made once, and made anew when their list changes. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { startPackageIndex } from '../support/package-index.ts'

const SCRIPT = fileURLToPath(new URL('../python-tools.ts', import.meta.url))
const TOOL = ['1.0', '2.0'].map((version) => ({
  name: 'tidy',
  version,
  modules: { 'tidy.py': `v = '${version}'` },
  requires: ['unlisted'],
}))
const UNLISTED = { name: 'unlisted', version: '1.0', modules: { 'unlisted.py': '' } }

test('the tools that are listed are installed, nothing else is, and all of it once', { timeout: 300_000 }, async () => {
  const home = mkdtempSync(join(tmpdir(), 'python-tools-'))
  const [folder, list] = [join(home, 'tools'), join(home, 'list.txt')]
  await using index = await startPackageIndex([...TOOL, UNLISTED])
  const env = { PATH: process.env['PATH'], PYTHON: process.env['PYTHON'], HOME: home, ...index.env }
  const run = (file: string, args: string[]) =>
    new Promise<{ failed: boolean; stdout: string; stderr: string }>((resolve) => {
      execFile(file, args, { env }, (error, stdout, stderr) => resolve({ failed: error !== null, stdout, stderr }))
    })
  const install = (version: string) => {
    writeFileSync(list, `tidy==${version}\n`)
    return run(process.execPath, [SCRIPT, folder, list])
  }
  const version = async () => (await run(join(folder, 'bin', 'python'), ['-c', 'import tidy; print(tidy.v)'])).stdout
  try {
    expect(await install('1.0')).toMatchObject({ failed: false, stderr: '' })
    expect(await version()).toBe('1.0\n')
    expect(index.requests.filter((path) => path.includes('unlisted'))).toEqual([])

    const asked = index.requests.length
    expect(await install('1.0')).toEqual({ failed: false, stdout: '', stderr: '' })
    expect(index.requests).toHaveLength(asked)

    const refused = await install('3.0')
    expect(refused.failed).toBe(true)
    expect(refused.stderr).toMatch(/^pip could not install what .*list\.txt names \(ERROR: .*tidy==3\.0\)\. Fix: .*\n$/)
    // The next run tries it again, as what failed is not there.
    expect(await install('3.0')).toMatchObject({ failed: true })

    expect(await install('2.0')).toMatchObject({ failed: false, stderr: '' })
    expect(await version()).toBe('2.0\n')
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
})
