/** JSON bodies of the session's own HTTP paths, and the refusal of invalid ones. */
import { DEFAULT_MAX_REQUEST_BODY_SIZE, readRequestBody } from '@modelcontextprotocol/server'

/** A request that is answered with this status; the message has the next step. */
export class BadRequest extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** The JSON of a body of at most 4 MiB. Throws BadRequest. */
export async function jsonBody(request: Request): Promise<unknown> {
  // A web page can send other types across origins without asking first.
  if (!/^application\/json\s*(?:;|$)/i.test(request.headers.get('content-type') ?? '')) {
    throw new BadRequest(415, 'The body must be JSON. Next: send it with content-type: application/json.')
  }
  const read = await readRequestBody(request)
  if (read.tooLarge) {
    throw new BadRequest(413, `The body exceeds ${DEFAULT_MAX_REQUEST_BODY_SIZE} bytes. Next: send it in parts.`)
  }
  try {
    return JSON.parse(read.text.replace(/^\uFEFF/, ''))
  } catch {
    throw new BadRequest(400, 'The body is not valid JSON; nothing was changed. Next: correct it and send it again.')
  }
}
