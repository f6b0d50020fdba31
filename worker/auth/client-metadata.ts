/** Bounds of a client's registration (RFC 7591): anybody can register, the metadata is kept, and some of it is shown. */

/** Longest text that is not named below, a name for example. Characters. */
const MAX_TEXT = 200
/** Longest address, and longest list of scopes: both come back in headers. Characters. */
const MAX_ADDRESS = 2_000
/** Longest signed statement, which is not kept. Characters. */
const MAX_STATEMENT = 16_000
/** Most redirect URIs, contacts, grant types and the like. */
const MAX_ENTRIES = 50
/** Most fields, each language of a name counted. */
const MAX_FIELDS = 100

/** The first field that is too long or has too many entries, in words for the client's maker; null when there is none. */
export function metadataProblem(metadata: object): string | null {
  const fields: [string, unknown][] = Object.entries(metadata)
  if (fields.length > MAX_FIELDS) return problem('The client metadata', `more than ${MAX_FIELDS} fields`, 'fewer')
  for (const [name, value] of fields) {
    // The message cuts an unknown name to the length of a name: it comes from the client, too.
    const shown = name.slice(0, MAX_TEXT)
    if (name.length > MAX_TEXT)
      return problem(`The name of a field (${shown}…)`, `more than ${MAX_TEXT} characters`, 'a shorter one')
    const values: unknown[] = Array.isArray(value) ? value : [value]
    if (values.length > MAX_ENTRIES) return problem(shown, `more than ${MAX_ENTRIES} entries`, 'fewer')
    const max = maxChars(name)
    if (values.some((one) => typeof one === 'string' && isLonger(one, max)))
      return problem(shown, `more than ${max} characters`, 'a shorter one')
  }
  return null
}

function problem(what: string, has: string, instead: string): string {
  return `${what} has ${has}. Next: register with ${instead}.`
}

/** `field`: also with a language behind it, as in `client_uri#fr`. */
function maxChars(field: string): number {
  const name = field.split('#', 1)[0]!
  if (name === 'software_statement') return MAX_STATEMENT
  return name === 'scope' || /_uris?$/.test(name) ? MAX_ADDRESS : MAX_TEXT
}

function isLonger(text: string, maxCharacters: number): boolean {
  return text.length > maxCharacters && Array.from(text).length > maxCharacters
}
