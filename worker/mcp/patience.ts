/** Time that a client waits for the answer to a call: a client that gave up earlier would throw the program and its output away. */

/** Clients that were seen to wait for minutes, by their own name. Seconds: longer than any program runs. */
const PATIENT: ReadonlyMap<string, number> = new Map([
  ['claude-code', 3_600],
  ['opencode', 3_600],
])

/** Seconds after which a call is answered. `chosen`: the user's setting; undefined: none. */
export function patienceOf(client: string, chosen: number | undefined, byDefault: number): number {
  return chosen ?? PATIENT.get(client) ?? byDefault
}
