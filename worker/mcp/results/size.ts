/** Largest size of an answer: the official SDK for Python refuses an event of more than 1,048,576 bytes, with everything in it. */

/** Bytes of the JSON of a result, as UTF-8. The rest of the event (its id, the message around the result) has less than 10,000. */
export const MAX_RESULT_BYTES = 990_000

/** Bytes of a value's JSON. */
export function jsonBytes(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length
}

/** Bytes that base64 can hold in so many characters. */
export function bytesInBase64(chars: number): number {
  return Math.max(0, Math.floor(chars / 4) * 3)
}
