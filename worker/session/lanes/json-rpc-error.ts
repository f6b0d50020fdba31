/** A JSON-RPC error as a response of its own: a refusal that belongs to no request of the client. */
export function jsonRpcError(status: number, code: number, message: string, headers: HeadersInit = {}): Response {
  return Response.json({ jsonrpc: '2.0', error: { code, message }, id: null }, { status, headers })
}
