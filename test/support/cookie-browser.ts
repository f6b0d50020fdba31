/** As much of a browser as the pages need: cookies, forms, redirects one by one. A real one is in test/e2e. */
export type Fetch = (request: Request) => Promise<Response>

export class CookieBrowser {
  readonly #cookies = new Map<string, string>()
  readonly #fetch: Fetch
  readonly origin: string

  constructor(fetch: Fetch, origin: string) {
    this.#fetch = fetch
    this.origin = origin
  }

  get(address: string, headers: Record<string, string> = {}): Promise<Response> {
    return this.#send('GET', address, headers)
  }

  /** As a form of one of our own pages is sent. */
  post(
    address: string,
    fields: Record<string, string | string[]>,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const form = new URLSearchParams()
    for (const [name, values] of Object.entries(fields)) for (const value of [values].flat()) form.append(name, value)
    return this.#send('POST', address, { origin: this.origin, 'sec-fetch-site': 'same-origin', ...headers }, form)
  }

  async #send(
    method: string,
    address: string,
    headers: Record<string, string>,
    body?: URLSearchParams,
  ): Promise<Response> {
    const url = new URL(address, this.origin)
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const request = new Request(url, {
      method,
      redirect: 'manual',
      headers: { host: url.host, ...(cookie !== '' && { cookie }), ...headers },
      ...(body && { body }),
    })
    const response = await this.#fetch(request)
    for (const set of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(set)!
      if (/max-age=0(;|$)/i.test(set)) this.#cookies.delete(name!)
      else this.#cookies.set(name!, value!)
    }
    return response
  }

  cookies(): Map<string, string> {
    return new Map(this.#cookies)
  }

  setCookie(name: string, value: string): void {
    this.#cookies.set(name, value)
  }
}

/** The hidden fields and check boxes of a page's form, by name. */
export function formFields(html: string, action: string): Record<string, string[]> {
  const form = new RegExp(`<form[^>]*action="${action}"[\\s\\S]*?</form>`).exec(html)?.[0] ?? ''
  const fields: Record<string, string[]> = {}
  for (const [input] of form.matchAll(/<input[^>]*>/g)) {
    const name = /name="([^"]*)"/.exec(input)?.[1]
    const value = /value="([^"]*)"/.exec(input)?.[1]
    if (name !== undefined && value !== undefined) fields[name] = [...(fields[name] ?? []), unescaped(value)]
  }
  return fields
}

function unescaped(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}
