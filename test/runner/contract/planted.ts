/** What programs leave in their folders does not reach an installer: neither as code, nor as configuration. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { InstallEvent } from '../../../worker/run/contract/protocol.ts'
import { type PackageIndex, startPackageIndex } from '../../support/package-index.ts'
import { program } from '../../support/programs.ts'
import type { RunningRunner } from '../../support/runner.ts'
import { type Contract, newWorkspace, run } from './context.ts'

export function planted(the: Contract): void {
  let index: PackageIndex
  let runner: RunningRunner
  let home: string
  beforeAll(async () => {
    index = await startPackageIndex([
      { name: 'demo', version: '1.0', modules: { 'demo/__init__.py': '' } },
      { name: 'second', version: '1.0', modules: { 'second.py': '' }, requires: ['demo'] },
    ])
    // The operator's own configuration, which has to count. Another user cannot read it in a home, and gets it by variables.
    home = await mkdtemp(join(tmpdir(), 'operator-'))
    await mkdir(join(home, '.config', 'pip'), { recursive: true })
    await writeFile(join(home, '.config', 'pip', 'pip.conf'), `[global]\nindex-url = ${index.url}\n`)
    await mkdir(join(home, '.config', 'uv'))
    await writeFile(join(home, '.config', 'uv', 'uv.toml'), `index-url = "${index.url}"\n`)
    const { own_user } = (await the.runner.client(newWorkspace()).health()).isolation
    const byVariables = { PIP_INDEX_URL: index.url, UV_DEFAULT_INDEX: index.url }
    runner = await the.start({
      env: { HOME: home, PIP_NO_CACHE_DIR: '1', UV_NO_CACHE: '1', ...(own_user && byVariables) },
    })
  })
  afterAll(async () => {
    await runner?.stop()
    await index?.[Symbol.asyncDispose]()
    await rm(home, { recursive: true })
  })

  async function install(workspace: string, spec: string) {
    let done: InstallEvent | undefined
    for await (const event of runner.client(workspace).install([spec], 60)) done = event
    return done
  }

  test('code and configuration in every folder that a program may write', async () => {
    const workspace = newWorkspace()
    expect(await install(workspace, 'demo')).toMatchObject({ status: 'success', installed: ['demo==1.0'] })
    const { stdout, exit } = await run(runner, program('plant'), { workspace })
    expect(exit.status).toBe('success')
    expect(Number(stdout)).toBeGreaterThanOrEqual(3)
    const asked = index.requests.length
    expect(await install(workspace, 'second')).toEqual({
      type: 'done',
      status: 'success',
      installed: ['second==1.0'],
      message: null,
    })
    // The installer is still shown what is installed.
    expect(index.requests.slice(asked).filter((path) => path.startsWith('/files/demo-'))).toEqual([])
    expect(index.credentials).toEqual([])
    expect(await runner.client(workspace).readFile('taken.txt')).toBeNull()
  })
}
