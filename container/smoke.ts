/**
 * `npm run smoke -- https://…`: whether a deployment does what it is for, seen by a client with a personal token. A line for each check,
 * with its time; the first that fails ends it, and says what to do. Works with `npm run dev`, too.
 */
import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import type { Client } from '@modelcontextprotocol/client'
import { CannotStart } from './cannot-start.ts'
import { ask, canAsk } from './deploy/ask.ts'
import { SmokeFailure } from './smoke/failure.ts'
import { asksForToken, reachable, takesToken } from './smoke/http.ts'
import { connect, deletes, runsInstalled, runsLive, seconds, toolsOf } from './smoke/mcp.ts'

const USAGE = `npm run smoke -- https://YOUR-HOST [--install]

  --install   also installs a package, which stays (iniconfig, 10 kB)

The personal token is asked for, or taken from SMOKE_TOKEN. It is made at https://YOUR-HOST/account and needs to run programs.`

try {
  await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof CannotStart) && !(error instanceof SmokeFailure)) throw error
  if (error instanceof CannotStart) console.error(error.message)
  process.exitCode = 1
}

async function main(args: string[]): Promise<void> {
  const { origin, install } = parse(args)
  await check('is reachable', () => reachable(origin))
  await check('asks for a token', () => asksForToken(origin))
  const token = process.env['SMOKE_TOKEN']?.trim() || (await askForToken(origin))
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
      await deletes(origin, token, picture).catch(() => {}) // it may not be there; what failed first is what counts
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

function parse(args: string[]): { origin: string; install: boolean } {
  let parsed
  try {
    parsed = parseArgs({ args, allowPositionals: true, options: { install: { type: 'boolean', default: false } } })
  } catch (error) {
    throw new CannotStart(`${error instanceof Error ? error.message : 'Unknown option'}\n\n${USAGE}`, { cause: error })
  }
  const [address = ''] = parsed.positionals
  if (parsed.positionals.length !== 1 || !URL.canParse(address)) throw new CannotStart(USAGE)
  const { origin, protocol, hostname } = new URL(address)
  if (protocol !== 'https:' && !['127.0.0.1', 'localhost', '[::1]'].includes(hostname)) {
    throw new CannotStart(`${address}: a token goes over https only. Fix: https://${hostname}`)
  }
  return { origin, install: parsed.values.install }
}

async function askForToken(origin: string): Promise<string> {
  if (!canAsk()) {
    throw new CannotStart(`There is no token. Fix: make one at ${origin}/account, and set SMOKE_TOKEN to it.`)
  }
  return ask(`Personal token (made at ${origin}/account, not shown): `, { hidden: true })
}

/** Does one thing and says how it went; null: only when it fails. */
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
