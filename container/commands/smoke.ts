/**
 * `npm run smoke -- https://…`: checks a server as a client with a personal token sees it. A line for each check, with its time; the first
 * failure ends it, and names the next step. Without an address it checks the server that `npm run dev` has started.
 */
import { randomBytes } from 'node:crypto'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Client } from '@modelcontextprotocol/client'
import { CannotStart } from './cannot-start.ts'
import { ask, canAsk } from './deploy/ask.ts'
import { devToken } from './dev/dev-token.ts'
import { defaultState } from './dev/options.ts'
import { runningServer } from './dev/running-server.ts'
import { SmokeFailure } from './smoke/failure.ts'
import { asksForToken, reachable, takesToken } from './smoke/http.ts'
import { connect, deletes, runsInstalled, runsLive, seconds, toolsOf } from './smoke/mcp.ts'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))

const USAGE = `npm run smoke -- [https://YOUR-HOST] [--install]

  --install         also installs a package, which stays (iniconfig, 10 kB)
  --persist-to DIR  without an address: the state folder of the local server that is meant (.wrangler/state)

Without an address it looks at the server that "npm run dev" has started. The personal token is asked for, or taken from SMOKE_TOKEN. It is made at https://YOUR-HOST/account and needs to run programs.`

try {
  await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof CannotStart) && !(error instanceof SmokeFailure)) throw error
  if (error instanceof CannotStart) console.error(error.message)
  process.exitCode = 1
}

async function main(args: string[]): Promise<void> {
  const { origin, install, token: known } = parse(args)
  await check('is reachable', () => reachable(origin))
  await check('asks for a token', () => asksForToken(origin))
  const token = process.env['SMOKE_TOKEN']?.trim() || known || (await askForToken(origin))
  await check('takes the token', () => takesToken(origin, token))

  const picture = `smoke-${randomBytes(4).toString('hex')}.png`
  await withClient('2025-11-25', async (client) => {
    await check('MCP 2025-11-25', () => toolsOf(origin, client))
  })
  await withClient('2026-07-28', async (client) => {
    await check('MCP 2026-07-28', () => toolsOf(origin, client))
    try {
      await check('runs a program, live', () => runsLive(origin, client, picture))
      if (install) await check('installs a package', () => runsInstalled(origin, client))
    } catch (error) {
      await deletes(origin, token, picture).catch(() => {}) // it may not be there; the first failure is what counts
      throw error
    }
  })
  await check('deletes a file', () => deletes(origin, token, picture))
  console.log(`\n${origin} works.`)

  async function withClient(revision: '2025-11-25' | '2026-07-28', use: (client: Client) => Promise<void>) {
    const client = await check(null, () => connect(origin, token, revision))
    try {
      await use(client)
    } finally {
      await client.close()
    }
  }
}

interface Target {
  origin: string
  /** The token, '' when it is not known. */
  token: string
  install: boolean
}

function parse(args: string[]): Target {
  let parsed
  try {
    parsed = parseArgs({
      args,
      allowPositionals: true,
      options: {
        install: { type: 'boolean', default: false },
        'persist-to': { type: 'string', default: defaultState(PROJECT) },
      },
    })
  } catch (error) {
    throw new CannotStart(`${error instanceof Error ? error.message : 'Unknown option'}\n\n${USAGE}`, { cause: error })
  }
  const { install, 'persist-to': state } = parsed.values
  if (parsed.positionals.length === 0) return { ...localServer(resolve(state)), install }
  const [address = ''] = parsed.positionals
  if (parsed.positionals.length !== 1 || !URL.canParse(address)) throw new CannotStart(USAGE)
  const { origin, protocol, hostname } = new URL(address)
  if (protocol !== 'https:' && !['127.0.0.1', 'localhost', '[::1]'].includes(hostname)) {
    throw new CannotStart(`${address}: a token goes over https only. Fix: https://${hostname}`)
  }
  return { origin, token: '', install }
}

function localServer(state: string): { origin: string; token: string } {
  const origin = runningServer(state)?.origin
  if (origin == null) throw new CannotStart(`No local server runs, and no address is given.\n\n${USAGE}`)
  return { origin, token: devToken(join(PROJECT, '.dev.vars')) }
}

async function askForToken(origin: string): Promise<string> {
  if (!canAsk()) {
    throw new CannotStart(`There is no token. Fix: make one at ${origin}/account, and set SMOKE_TOKEN to it.`)
  }
  return ask(`Personal token (made at ${origin}/account, not shown): `, { hidden: true })
}

/** Does one check and prints the result; null: only when it fails. */
async function check<T>(name: string | null, work: () => Promise<T>): Promise<T> {
  const began = Date.now()
  try {
    const found = await work()
    if (name !== null) console.log(line('ok', began, `${name}: ${String(found)}`))
    return found
  } catch (error) {
    if (error instanceof SmokeFailure) {
      console.error(`${line('FAILED', began, error.message)}\n\nNext: ${error.next}`)
    }
    throw error
  }
}

function line(verdict: string, began: number, text: string): string {
  return `${verdict.padEnd(6)} ${seconds(Date.now() - began).padStart(8)}  ${text}`
}
