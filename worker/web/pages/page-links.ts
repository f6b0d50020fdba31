/** Our words with links: the pages that they name, as `forPerson` writes them. */
import { html } from 'hono/html'
import type { Html } from './page.ts'

export function withPageLinks(words: string): Html {
  const parts = words.split(/(?<=the page )(Packages|Files|Runs|Learnings)\b|(?<=under )(Settings)\b/)
  return html`${parts.map((part, at) => (at % 3 === 0 ? part : part && html`<a href="/app/${part.toLowerCase()}">${part}</a>`))}`
}
