/** Claude Code, without a window. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { testPython } from '../../support/python.ts'
import { output } from '../command.ts'
import type { Agent, Desk } from './agent.ts'
import { anthropicMessages } from './anthropic-messages.ts'

const TERMINAL = fileURLToPath(new URL('../../fixtures/deploy/terminal.py', import.meta.url))

export const claudeCode: Agent = {
  api: anthropicMessages,
  async turn(desk, model, token) {
    const config = JSON.stringify({ mcpServers: { code: serverOf(desk, token) } })
    const tools = ['--allowedTools', 'mcp__code', '--tools', '']
    await output(
      executable(desk),
      ['-p', 'Run the program.', '--mcp-config', config, '--strict-mcp-config', ...tools],
      // Else it would have the model search for tools first.
      { cwd: desk.home, env: { ...environment(desk), ANTHROPIC_BASE_URL: model, ENABLE_TOOL_SEARCH: 'false' } },
    )
  },
  async signIn(desk, browser) {
    const env = { ...environment(desk), ...browser.env, TERM: 'xterm' }
    const server = JSON.stringify(serverOf(desk))
    await output(executable(desk), ['mcp', 'add-json', '--scope', 'user', 'code', server], { cwd: desk.home, env })
    // It signs in on a terminal only.
    const login = [TERMINAL, '[]', executable(desk), 'mcp', 'login', 'code']
    return output(await testPython(), login, { cwd: desk.home, env, signal: browser.signal })
  },
}

function executable({ folder }: Desk): string {
  return join(folder, 'node_modules', '.bin', 'claude')
}

function serverOf({ server }: Desk, token?: string) {
  return { type: 'http', url: server, ...(token && { headers: { Authorization: `Bearer ${token}` } }) }
}

function environment({ home }: Desk) {
  return {
    HOME: home,
    ANTHROPIC_API_KEY: 'of-the-stand-in',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
  }
}
