/** Whole turns of coding agents against a stand-in for their model: what the model is told is what counts. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { type DevServer, startDevServer } from '../support/dev-server.ts'
import type { Agent, Desk } from './agents/agent.ts'
import { claudeCode } from './agents/claude-code.ts'
import { codex } from './agents/codex.ts'
import { startModelStandIn } from './agents/model-stand-in.ts'
import { CASE_NAMES, CASES, type Seen } from './cases.ts'
import type { ClientName } from './releases.ts'
import { browserProgram } from './sign-in.ts'
import { withClient } from './with-client.ts'

let server: DevServer
let browser: Browser
beforeAll(async () => {
  ;[server, browser] = await Promise.all([startDevServer(), launchBrowser()])
}, 180_000)
afterAll(async () => {
  await browser?.close()
  await server?.stop()
})

modelOf('claude-code', claudeCode)
modelOf('codex', codex)

function modelOf(name: ClientName, agent: Agent): void {
  withClient(name, (folder) => {
    let desk: Desk
    beforeEach(async () => {
      desk = { folder, home: await mkdtemp(join(tmpdir(), `${name}-`)), server: `${server.origin}/mcp` }
    })
    afterEach(() => rm(desk.home, { recursive: true, force: true }))

    /** What the model is told of a run with these arguments. Without a token the agent uses what its sign-in has left. */
    async function told(args: Record<string, unknown>, token?: string): Promise<Seen> {
      await using model = await startModelStandIn(agent.api, { tool: 'run_python', arguments: args })
      await agent.turn(desk, model.origin, token)
      return model.told()
    }

    for (const each of CASE_NAMES) {
      test(CASES[each].claim, async () => {
        await CASES[each].check(await told(CASES[each].arguments, server.token), server.workspace)
      })
    }

    test('it signs in by OAuth, and then runs a program without a token from its user', async () => {
      const program = await browserProgram(desk.home, browser)
      const { visit } = await program.allow(agent.signIn(desk, program))
      expect(visit.consent).toContain('to use your Python?')
      CASES.printed.check(await told(CASES.printed.arguments))
    })
  })
}
