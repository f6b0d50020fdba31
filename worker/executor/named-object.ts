/**
 * Ends an object that was addressed by the digits of its id: it would not know its user, and stay so for that user until it is evicted.
 * Called in the constructor, so that the next request, which names the object, gets one that knows. Throws.
 */
export function assertNamed(ctx: Pick<DurableObjectState, 'id' | 'abort'>): void {
  if (ctx.id.name !== undefined) return
  const reason = 'This object was asked for without its name.'
  ctx.abort(reason)
  throw new Error(reason)
}
