/** A refusal of a path beside /mcp, as JSON: the problem, and the next step. */
export function refusal(status: number, error: string, headers: Record<string, string> = {}): Response {
  return Response.json({ error }, { status, headers })
}
