/** The value of a JSON text, or null when it is not JSON: the MCP SDK has the words for that. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
