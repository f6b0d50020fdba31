/** A refusal of a path beside /mcp, as JSON: what is wrong, and what to do. */
export function refusal(status: number, error: string, headers: Record<string, string> = {}): Response {
  return Response.json({ error }, { status, headers })
}
