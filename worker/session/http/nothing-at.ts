/** The answer at an address that leads nowhere: 404, with the next step. */
export function nothingAt({ pathname }: URL): Response {
  const shown = pathname.slice(0, SHOWN_CHARS)
  return Response.json({ error: `There is nothing at ${shown}. Next: the MCP endpoint is /mcp.` }, { status: 404 })
}

const SHOWN_CHARS = 200
