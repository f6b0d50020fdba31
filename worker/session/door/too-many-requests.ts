/** The 429 for a user who asks more often than the operator allows. */
import { jsonRpcError } from '../lanes/json-rpc-error.ts'

/** Header that marks the session object's own refusal, so that the Worker need not ask it again before its time; it goes no further. */
export const HOLD_OFF_HEADER = 'x-codemode-hold-off'

export function tooManyRequests(waitS: number): Response {
  const message = `Too many requests. Next: wait ${waitS} s, and then ask less often.`
  return jsonRpcError(429, -32000, message, { 'retry-after': String(waitS), [HOLD_OFF_HEADER]: String(waitS) })
}
