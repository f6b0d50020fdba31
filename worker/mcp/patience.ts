/** How long a client waits for the answer to a call: who gives up earlier would throw the program and its output away. */

/** Clients that were seen to wait for minutes, by the name that they give. Seconds: longer than any program runs. */
const PATIENT: ReadonlyMap<string, number> = new Map([
  ['claude-code', 3_600],
  ['opencode', 3_600],
])

/** Seconds after which a call is answered. `chosen` is what the user has set; undefined: nothing. */
export function patienceOf(client: string, chosen: number | undefined, byDefault: number): number {
  return chosen ?? PATIENT.get(client) ?? byDefault
}
