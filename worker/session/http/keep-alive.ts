/** Time between two SSE comments of a silent stream: workerd learns that a client has left only when it writes to it. */
export const KEEP_ALIVE_MS = 1000
