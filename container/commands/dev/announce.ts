/** Output of a start: it fits a screen. */
import { ONE_TIME_LIFE_MS, ONE_TIME_PATH, oneTimeKey } from '../../../worker/auth/one-time-key.ts'

export interface Started {
  origin: string
  token: string
  /** Folder in which programs run; null: in a container. */
  workspace: string | null
  inspectorPort: number | undefined
}

export async function announcement({ origin, token, workspace, inspectorPort }: Started): Promise<string> {
  // It signs a browser in, once.
  const signInLink = `${origin}${ONE_TIME_PATH}?key=${await oneTimeKey(token, Date.now() + ONE_TIME_LIFE_MS)}`
  const url = `${origin}/mcp`
  const config = { mcpServers: { 'code-mode': { type: 'http', url, headers: { Authorization: `Bearer ${token}` } } } }
  const where =
    workspace === null
      ? 'Programs run in a container, which starts with a client or a program.\nFiles and packages outlive it.'
      : `Programs run as you, with all that you may do, in ${workspace}:\nuse it with clients and models you trust.`
  const debugger_ =
    inspectorPort === undefined
      ? ''
      : `\n\nA debugger may connect to 127.0.0.1:${inspectorPort}, and so may every web page that you visit.`
  return `
MCP Code Mode is ready.

  for clients  ${url}
  for people   ${origin}/
  to sign in   ${signInLink}   (once, within 10 minutes)
  to try it    npm run demo   (in a second terminal)

Claude Code:
claude mcp add --transport http code-mode ${url} --header "Authorization: Bearer ${token}"

Others (VS Code calls "mcpServers" "servers"); a client that knows OAuth needs the address alone:
${JSON.stringify(config)}

${where}${debugger_}

Ctrl-C ends it.
`
}
