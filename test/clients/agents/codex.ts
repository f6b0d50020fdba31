/** Codex CLI, without a window. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { output } from '../command.ts'
import type { Agent, Desk } from './agent.ts'
import { openaiResponses } from './openai-responses.ts'

export const codex: Agent = {
  api: openaiResponses,
  async turn(desk, model, token) {
    await configure(desk, model, token === undefined ? {} : { bearer_token_env_var: 'CODE_TOKEN' })
    const env = { ...environment(desk), MODEL_KEY: 'of-the-stand-in', ...(token && { CODE_TOKEN: token }) }
    await output(executable(desk), ['exec', '--skip-git-repo-check', 'Run the program.'], { cwd: desk.home, env })
  },
  async signIn(desk, browser) {
    await configure(desk, 'http://127.0.0.1')
    const env = { ...environment(desk), ...browser.env }
    return output(executable(desk), ['mcp', 'login', 'code'], { cwd: desk.home, env, signal: browser.signal })
  },
}

function executable({ folder }: Desk): string {
  return join(folder, 'node_modules', '.bin', 'codex')
}

function environment({ home }: Desk) {
  return { HOME: home, CODEX_HOME: home }
}

async function configure(desk: Desk, model: string, server: Record<string, string> = {}): Promise<void> {
  const lines = {
    '': { model: 'a-model', model_provider: 'stand-in', mcp_oauth_credentials_store: 'file' },
    '[model_providers.stand-in]': {
      name: 'stand-in',
      base_url: model,
      wire_api: 'responses',
      env_key: 'MODEL_KEY',
    },
    // Nobody is there to approve a call.
    '[mcp_servers.code]': { url: desk.server, default_tools_approval_mode: 'approve', ...server },
  }
  const config = Object.entries(lines).flatMap(([table, values]) => [
    table,
    // A JSON string is a TOML string.
    ...Object.entries(values).map(([key, value]) => `${key} = ${JSON.stringify(value)}`),
  ])
  await writeFile(join(desk.home, 'config.toml'), config.join('\n'))
}
