/** Signing in as a client does that opens its user's browser: the program that it starts hands the address to a real one. */
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { vi } from 'vitest'
import { allowInBrowser, type Visit } from '../support/oauth-user.ts'
import { SYSTEM_PATH } from './command.ts'

/** A client that has opened nothing by then will not. */
const PATIENCE = { timeout: 60_000, interval: 50 }

export interface BrowserProgram {
  /** To be added to the client's environment: the two ways in which browsers are found. */
  env: { BROWSER: string; PATH: string }
  /** Says that the page was not allowed, for which the client would go on waiting. */
  signal: AbortSignal
  /** Runs the client, and allows in the browser what it opens. Resolves when the client is done, too. */
  allow<T>(client: Promise<T>): Promise<{ visit: Visit; result: T }>
}

/** Makes the program in an empty folder. */
export async function browserProgram(folder: string, browser: Browser): Promise<BrowserProgram> {
  const program = join(folder, 'xdg-open')
  const opened = join(folder, 'opened')
  await writeFile(program, `#!/bin/sh\nprintf '%s' "$1" > '${opened}.part' && mv '${opened}.part' '${opened}'\n`)
  await chmod(program, 0o755)
  const failed = new AbortController()
  return {
    signal: failed.signal,
    env: { BROWSER: program, PATH: `${folder}:${SYSTEM_PATH}` },
    async allow(client) {
      const visiting = vi.waitFor(() => readFile(opened, 'utf8'), PATIENCE).then((url) => allowInBrowser(browser, url))
      visiting.catch((error) => failed.abort(error))
      // A client that fails before it opens a page says why, and the first failure counts.
      const [visit, result] = await Promise.all([visiting, client])
      return { visit, result }
    },
  }
}
