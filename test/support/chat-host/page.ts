/** The page of a chat host: a frame for each call, and in it the view of the server, as the reference host of MCP Apps has it. */
import { AppBridge, type McpUiHostContext, PostMessageTransport } from '@modelcontextprotocol/ext-apps/app-bridge'

type Bridged = Parameters<AppBridge['sendToolResult']>[0]

declare global {
  interface Window {
    /** Of the test: what the view asks the host to do. */
    callTool: (params: unknown) => Promise<unknown>
    openLink: (url: string) => Promise<void>
    chat: typeof chat
    pwned?: unknown
  }
}

let bridge: AppBridge
let frame: HTMLIFrameElement

/** Shows a document of the server's as a view; resolves when it is ready. */
async function open(html: string, sandbox: string, hostContext: McpUiHostContext): Promise<void> {
  frame?.remove()
  frame = document.createElement('iframe')
  frame.style.cssText = 'border: 0; width: 100%; height: 40px; display: block'
  bridge = new AppBridge(null, { name: 'chat host', version: '1' }, { serverTools: {}, openLinks: {} }, { hostContext })
  bridge.oncalltool = async (params) => (await window.callTool(params)) as Bridged
  bridge.onopenlink = async ({ url }) => {
    await window.openLink(url)
    return {}
  }
  bridge.onsizechange = ({ height }) => {
    if (height !== undefined) frame.style.height = `${height}px`
  }
  bridge.onsandboxready = () => void bridge.sendSandboxResourceReady({ html })
  const ready = new Promise<void>((resolve) => (bridge.oninitialized = () => resolve()))
  document.body.append(frame)
  await bridge.connect(new PostMessageTransport(frame.contentWindow!, frame.contentWindow!))
  frame.src = sandbox
  await ready
}

const chat = {
  open,
  partial: (args: Record<string, unknown>) => bridge.sendToolInputPartial({ arguments: args }),
  input: (args: Record<string, unknown>) => bridge.sendToolInput({ arguments: args }),
  result: (result: unknown) => bridge.sendToolResult(result as Bridged),
  /** A call that was made on an earlier day: the view gets its result right behind it, and need not ask for it. */
  async both(args: Record<string, unknown>, result: unknown) {
    frame.contentWindow!.postMessage({ method: 'together' }, '*')
    await bridge.sendToolInput({ arguments: args })
    await bridge.sendToolResult(result as Bridged)
  },
  cancelled: (reason: string) => bridge.sendToolCancelled({ reason }),
  context: (context: McpUiHostContext) => bridge.setHostContext(context),
}
window.chat = chat
