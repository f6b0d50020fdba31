/** How each client is connected: a command, a file or a link of one press, with this server's address in it. */
import { ON_PAGE } from '../../auth/caller.ts'

export interface ClientGuide {
  name: string
  /** Where the text belongs. */
  where: string
  /** A command or a piece of a file. */
  text: string
  /** An address that opens the client and asks whether to add the server. */
  link?: string
}

const NAME = 'code-mode'
/** Names for people of clients that call themselves something else. */
const TITLES: Partial<Record<string, string>> = {
  [ON_PAGE]: 'your browser',
  'claude-code': 'Claude Code',
  'claude-ai': 'Claude',
  'codex-mcp-client': 'Codex',
  'cursor-vscode': 'Cursor',
  'gemini-cli-mcp-client': 'Gemini CLI',
}

/** What a client is called on a page; null: it gives no name. */
export function clientTitle(name: string | null): string {
  if (name === null) return 'A client without a name'
  return (Object.hasOwn(TITLES, name) ? TITLES[name] : undefined) ?? name
}

/** `url`: the MCP address. All of these clients sign in by OAuth, in the browser. */
export function clientGuides(url: string): ClientGuide[] {
  const json = (value: unknown) => JSON.stringify(value, null, 2)
  const servers = json({ mcpServers: { [NAME]: { url } } })
  const vscode = { name: NAME, type: 'http', url }
  const remote = { command: 'npx', args: ['-y', 'mcp-remote', url] }
  return [
    {
      name: 'Claude Code',
      where: 'in a terminal, and then /mcp in Claude Code to sign in',
      text: `claude mcp add --transport http ${NAME} ${url}`,
    },
    {
      name: 'Claude Desktop',
      where:
        'in claude_desktop_config.json; for a server on the internet also Settings → Connectors → Add custom connector',
      text: json({ mcpServers: { [NAME]: remote } }),
    },
    {
      name: 'Cursor',
      where: 'in ~/.cursor/mcp.json',
      text: servers,
      link: `cursor://anysphere.cursor-deeplink/mcp/install?name=${NAME}&config=${encodeURIComponent(btoa(JSON.stringify({ url })))}`,
    },
    {
      name: 'VS Code',
      where: 'in .vscode/mcp.json',
      text: json({ servers: { [NAME]: { type: 'http', url } } }),
      link: `vscode:mcp/install?${encodeURIComponent(JSON.stringify(vscode))}`,
    },
    {
      name: 'Goose',
      where: 'in ~/.config/goose/config.yaml',
      text: `extensions:\n  ${NAME}:\n    enabled: true\n    type: streamable_http\n    name: ${NAME}\n    uri: ${url}\n    timeout: 900`,
    },
    {
      name: 'Codex',
      where: 'in a terminal',
      text: `codex mcp add ${NAME} --url ${url}\ncodex mcp login ${NAME}`,
    },
    { name: 'Gemini CLI', where: 'in a terminal', text: `gemini mcp add --transport http ${NAME} ${url}` },
    { name: 'opencode', where: 'in a terminal', text: `opencode mcp add ${NAME} --url ${url}` },
    {
      name: 'Windsurf',
      where: 'in ~/.codeium/mcp_config.json',
      text: json({ mcpServers: { [NAME]: { serverUrl: url } } }),
    },
    { name: 'Zed', where: 'in the settings file', text: json({ context_servers: { [NAME]: { url } } }) },
    {
      name: 'ChatGPT',
      where: 'in Settings → Connectors, with developer mode; it reaches servers on the internet alone',
      text: url,
    },
    { name: 'A client that only starts programs (stdio)', where: 'as its command', text: `npx -y mcp-remote ${url}` },
  ]
}
