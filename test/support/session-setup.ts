/** The real runner for the tests that run inside workerd; it is told to them by `provide`. */
import type { TestProject } from 'vitest/node'
import { startRunner } from './runner.ts'

declare module 'vitest' {
  interface ProvidedContext {
    runnerUrl: string
    runnerToken: string
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const runner = await startRunner()
  project.provide('runnerUrl', runner.url)
  project.provide('runnerToken', runner.token)
  return () => runner.stop()
}
