/** The tests of one client, which are skipped where it cannot be had, and say why. */
import { describe, inject } from 'vitest'
import type { ClientName } from './releases.ts'

/** `tests` is given the folder in which the client is installed. */
export function withClient(name: ClientName, tests: (folder: string) => void): void {
  const installed = inject('clients')[name]
  if ('folder' in installed) describe(name, () => tests(installed.folder))
  else describe.skip(`${name} (skipped: ${installed.missing})`, () => tests(''))
}
