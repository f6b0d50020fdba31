/**
 * Refusals that this Worker repeats by itself. A session object that has refused a token's request for being one too many is not asked
 * again until the time that it named. So a flood costs neither the object nor a look-up of its token.
 */

import { HOLD_OFF_HEADER, tooManyRequests } from '../session/door/too-many-requests.ts'

/** Most tokens that are remembered; beyond it all are forgotten, and their objects asked again. */
const MAX_HELD = 1_000

export class HoldOff {
  /** Authorization header → end of the hold-off, in milliseconds since 1970. */
  readonly #until = new Map<string, number>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  /** The answer of `ask`, or the refusal that it would give. */
  async answer(authorization: string, ask: () => Promise<Response>): Promise<Response> {
    const left = (this.#until.get(authorization) ?? 0) - this.#now()
    if (left > 0) return withoutMark(tooManyRequests(Math.ceil(left / 1000)))
    this.#until.delete(authorization)
    const response = await ask()
    const seconds = response.headers.get(HOLD_OFF_HEADER)
    if (seconds === null) return response
    if (this.#until.size >= MAX_HELD) this.#until.clear()
    this.#until.set(authorization, this.#now() + Number(seconds) * 1000)
    return withoutMark(response)
  }
}

function withoutMark(response: Response): Response {
  const plain = new Response(response.body, response)
  plain.headers.delete(HOLD_OFF_HEADER)
  return plain
}
