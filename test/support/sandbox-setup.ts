/** The machine on which the sandbox tests' containers run; it is told to them by `provide`. */
import type { TestProject } from 'vitest/node'
import { startContainerHost } from './container-host.ts'
import { missingForNetworks } from './container-network.ts'

declare module 'vitest' {
  interface ProvidedContext {
    containerHost: string
    /** Why containers cannot have a network of their own here, or null. */
    missingForNetworks: string | null
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const host = await startContainerHost()
  project.provide('containerHost', host.url)
  project.provide('missingForNetworks', missingForNetworks())
  return async () => host[Symbol.asyncDispose]()
}
