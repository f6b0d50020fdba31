/**
 * The view of a run inside a chat (MCP Apps), for clients that show views: its document as a resource, and how tools name it. Its sources are
 * in `web/client/view/`.
 */
import type { McpServer } from '@modelcontextprotocol/server'
import type { Caller } from './caller.ts'
import { VIEW } from './view-built.ts'

export type ToolMeta = Record<string, unknown>

const VIEW_URI = 'ui://codemode/run.html'
const VIEW_TYPE = 'text/html;profile=mcp-app'

/** Of a tool whose calls are shown as a view; the second key is the one of older clients. */
export const SHOWN_AS_VIEW: ToolMeta = { ui: { resourceUri: VIEW_URI }, 'ui/resourceUri': VIEW_URI }
/** Of a tool that only views call. */
export const FOR_VIEWS: ToolMeta = { ui: { visibility: ['app'] } }

export function registerView(server: McpServer, caller: Pick<Caller, 'pagesAt'>): void {
  server.registerResource(
    'run view',
    VIEW_URI,
    { title: 'Run', description: 'A run as it goes on, for clients that show views.', mimeType: VIEW_TYPE },
    (uri) => {
      const at = caller.pagesAt()
      const text = at === null ? VIEW : VIEW.replace('data-pages=""', `data-pages="${new URL(at).origin}"`)
      // No domain and nothing of a content security policy: some hosts show nothing then. The default is all that it needs.
      return { contents: [{ uri: uri.href, mimeType: VIEW_TYPE, text, _meta: { ui: { prefersBorder: true } } }] }
    },
  )
}
