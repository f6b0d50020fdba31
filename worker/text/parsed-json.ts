/** The value of a text, or null when it is no JSON: the MCP SDK has the words for that. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
