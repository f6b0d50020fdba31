/**
 * The form of an answer to a POST to /mcp. The SDK answers with a stream of events, and wants a client to name that form and JSON. A client
 * that takes anything (curl, fetch, most HTTP libraries) cannot be expected to read events, and gets JSON.
 */
import { isJSONRPCErrorResponse, isJSONRPCResultResponse } from '@modelcontextprotocol/server'
import { byBlock, messageOf } from './event-blocks.ts'

/** `none`: the client names neither. */
export type AnswerForm = 'events' | 'json' | 'none'

export const BOTH_FORMS = 'application/json, text/event-stream'

const JSON_RANGES = ['*/*', 'application/*', 'application/json']
const NO_ANSWER =
  'There is no answer: the request was cancelled, or the server was interrupted. Next: look at what is there, and call again.'

/** The form by `accept`, the header (RFC 9110 §12.5.1); its order of preference is not looked at. */
export function answerForm(accept: string | null): AnswerForm {
  if (accept === null || accept.trim() === '') return 'json'
  const ranges = accept
    .toLowerCase()
    .split(',')
    .filter((range) => !isRefused(range))
    .map((range) => range.split(';', 1)[0]!.trim())
  if (ranges.includes('text/event-stream')) return 'events'
  return ranges.some((range) => JSON_RANGES.includes(range)) ? 'json' : 'none'
}

/** Returns whether a range has the weight 0: the client does not take it. */
function isRefused(range: string): boolean {
  const weight = range.split(';').find((parameter) => parameter.trim().startsWith('q='))
  return weight !== undefined && Number(weight.trim().slice('q='.length)) === 0
}

/** Returns whether a message of the SDK answers a request. */
function isAnswer(text: string): boolean {
  const message: unknown = JSON.parse(text)
  return isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message)
}

/**
 * A stream of events as JSON: the answer, or the array of a batch's answers. Notifications in between become blanks, which JSON allows
 * before a value: so the connection stays in use, and the client's leaving is noticed.
 */
export function asJson(response: Response, isBatch: boolean): Response {
  if (response.body === null || response.headers.get('content-type') !== 'text/event-stream') return response
  const answers: string[] = []
  const inPlaceOf = (block: string) => {
    const message = messageOf(block)
    if (message !== null && isAnswer(message)) answers.push(message)
    return [' ']
  }
  const whole = () => {
    if (answers.length === 0)
      return JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: -32603, message: NO_ANSWER } })
    return isBatch ? `[${answers.join(',')}]` : answers[0]!
  }
  const headers = new Headers(response.headers)
  headers.set('content-type', 'application/json')
  return new Response(response.body.pipeThrough(byBlock(inPlaceOf, whole)), { status: response.status, headers })
}
