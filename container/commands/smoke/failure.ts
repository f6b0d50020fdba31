/** A task that a deployment fails: the reason, and the next step. */
export class SmokeFailure extends Error {
  override readonly name = 'SmokeFailure'
  readonly next: string

  constructor(reason: string, next: string, options?: ErrorOptions) {
    super(reason, options)
    this.next = next
  }
}
