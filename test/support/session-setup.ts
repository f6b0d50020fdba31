/** The real runner for the tests that run inside workerd; it is told to them by `provide`. It installs from an index of ours. */
import type { TestProject } from 'vitest/node'
import { startPackageIndex } from './package-index.ts'
import { startRunner } from './runner.ts'
import type { Wheel } from './wheel.ts'

const SMALL: Wheel = { name: 'small-thing', version: '1.0', modules: { 'small_thing.py': 'size = 1' } }

declare module 'vitest' {
  interface ProvidedContext {
    runnerUrl: string
    runnerToken: string
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const index = await startPackageIndex([SMALL])
  const runner = await startRunner({ env: index.env })
  project.provide('runnerUrl', runner.url)
  project.provide('runnerToken', runner.token)
  return async () => {
    await runner.stop()
    await index[Symbol.asyncDispose]()
  }
}
