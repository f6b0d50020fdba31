/** The platform's errors about containers. They come over RPC: their classes are lost on the way, and most have nothing but a text. */

/** Returns whether nothing listens on the port: then nothing was sent. */
export function isNotListening(error: unknown): boolean {
  return /not listening|container port not found/i.test(String(error))
}

/** Returns whether as many containers run as may. */
export function isFull(error: unknown): boolean {
  return (
    (error instanceof Error && error.name === 'ContainerUnavailableError') ||
    /no container instance|maximum number of running container|too many containers/i.test(String(error))
  )
}
