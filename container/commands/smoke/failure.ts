/** Something that a deployment has to do, and does not: why, and what to do next. */
export class SmokeFailure extends Error {
  override readonly name = 'SmokeFailure'
  readonly next: string

  constructor(reason: string, next: string, options?: ErrorOptions) {
    super(reason, options)
    this.next = next
  }
}
