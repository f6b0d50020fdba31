/** The machine on which the sandbox tests' containers run; it is told to them by `provide`. */
import type { TestProject } from 'vitest/node'
import { startContainerHost } from './container-host.ts'

declare module 'vitest' {
  interface ProvidedContext {
    containerHost: string
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const host = await startContainerHost()
  project.provide('containerHost', host.url)
  return async () => host[Symbol.asyncDispose]()
}
