/** A request that is led through the object; `rule` is what it had asked for. */
export interface LedRequest {
  n: number
  rule: string
  method: string
  url: string
  headers: [string, string][]
  body: string
}
