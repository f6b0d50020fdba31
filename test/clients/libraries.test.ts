/** Client libraries of others, each driven by a small program of ours: from signing in to cancelling. */
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { CLIENTS } from '../support/clients.ts'
import { type DevServer, startDevServer } from '../support/dev-server.ts'
import { CASE_NAMES, CASES, type CaseName } from './cases.ts'
import { type Answer, run, seenOf, work } from './libraries/library.ts'
import type { ClientName } from './releases.ts'
import { withClient } from './with-client.ts'

const PATIENCE = { timeout: 20_000, interval: 50 }

const WAITS = `
import os, time
go = input()
print("waiting", flush=True)
while not os.path.exists(go):
    time.sleep(0.02)
print("went on")
`

let server: DevServer
let browser: Browser
beforeAll(async () => {
  ;[server, browser] = await Promise.all([startDevServer(), launchBrowser()])
}, 180_000)
afterAll(async () => {
  await browser?.close()
  await server?.stop()
})

library('mcp-1', 'mcp_1.py')
library('mcp-2', 'mcp_2.py')
library('fastmcp-2', 'fastmcp_client.py')
library('fastmcp-3', 'fastmcp_client.py')
library('fastmcp-4', 'fastmcp_client.py')
library('go-sdk', 'go/main.go')
library('langchain-js', 'langchain.ts', { nulls: 'it refuses them by the schema, before they are sent' })

function library(name: ClientName, script: string, without: Partial<Record<CaseName, string>> = {}): void {
  withClient(name, (folder) => {
    let working: Promise<Answer>
    beforeAll(async () => {
      const tool = 'run_python'
      const go = join(server.workspace, `go-${name}`)
      const live = { code: WAITS, stdin: go, timeout: 20 }
      const endless = { code: 'print("endless", flush=True)\nwhile True: pass', description: `cancelled by ${name}` }
      const calls = [
        // First, as some end without waiting until they have said that a call is cancelled.
        { name: 'cancel', tool, arguments: endless, when: 'endless', cancel: true },
        // As long as it is live, whose file is whose cannot be told.
        { name: 'settled', tool: 'runs', arguments: { action: 'wait' } },
        ...CASE_NAMES.map((each) => ({ name: each, tool, arguments: CASES[each].arguments })),
        { name: 'live', tool, arguments: live, when: 'waiting', touch: go },
      ]
      working = work(folder, script, { url: `${server.origin}/mcp`, calls }, browser)
      await working.catch(() => {
        // Each test below says so: one that could not even begin has failed, too.
      })
    })

    test('it signs in by OAuth and lists the tools', async () => expect((await working).tools).toHaveLength(10))

    for (const each of CASE_NAMES) {
      const skipped = without[each]
      if (skipped !== undefined) test.skip(`${CASES[each].claim} (skipped: ${skipped})`)
      else test(CASES[each].claim, async () => CASES[each].check(seenOf(await working, each), server.workspace))
    }

    test('a line is shown while the program runs', async () => {
      expect(seenOf(await working, 'live').text).toContain('went on')
    })

    test('a cancelled call ends its program', async () => {
      await working
      await vi.waitFor(async () => expect(await statusOf(`cancelled by ${name}`)).toBe('cancelled'), PATIENCE)
    })
  })
}

/** Arguments with which each tool does something harmless. */
const EVERY_TOOL = {
  run_python: CASES.printed.arguments,
  run_python_stream: CASES.printed.arguments,
  run_with_retry: CASES.printed.arguments,
  get_system_context: {},
  add_learning: { error_pattern: 'E', solution: 's', context: 'c' },
  record_semantic_failure: { objective: 'o', failed_approach: 'f', successful_approach: 's' },
  get_learnings: {},
  // Of the standard library: refused before anything is asked for.
  pip_install: { package_name: 'os' },
  configure: {},
  runs: { action: 'list' },
}

withClient('crewai', (folder) => {
  test('it runs every tool, with null for whatever the model left out', async () => {
    const calls = Object.entries(EVERY_TOOL).map(([tool, args]) => ({ name: tool, tool, arguments: args }))
    const asked = { url: `${server.origin}/mcp`, token: server.token, calls }
    const answer = await work(folder, 'crewai_adapter.py', asked)
    expect(answer.tools.toSorted()).toEqual(Object.keys(EVERY_TOOL).toSorted())
    for (const tool of answer.tools) expect(seenOf(answer, tool).text).not.toMatch(/invalid|validation/i)
    for (const tool of ['run_python', 'run_python_stream', 'run_with_retry']) {
      expect(seenOf(answer, tool).text.split('\n')).toContain('42')
    }
  })
})

withClient('gemini-cli', (folder) => {
  test('it discovers how to sign in, and gets a token that runs a program', async () => {
    // Yes, it may open the browser.
    const printed = await run(folder, 'gemini.ts', [folder, `${server.origin}/mcp`], 'y\n', browser)
    const client = await CLIENTS['sdk v1']!.connect(server.origin, printed.trim().split('\n').at(-1)!)
    expect((await client.run({ code: 'print(42)' })).text).toMatch(/\n42$/)
    await client.close()
  })
})

async function statusOf(objective: string): Promise<string | undefined> {
  const response = await fetch(`${server.origin}/runs`, { headers: { authorization: `Bearer ${server.token}` } })
  const { runs } = (await response.json()) as { runs: { objective: string; status: string }[] }
  return runs.find((run) => run.objective === objective)?.status
}
