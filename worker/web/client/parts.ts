/** Parts of this page as the server has them now. */
import { Idiomorph } from 'idiomorph'
import { showLocalTimes } from './times.ts'

/** Types of lib.dom lack Trusted Types. */
interface TrustedPolicy {
  createHTML: (text: string) => string
}
declare const trustedTypes:
  | { createPolicy: (name: string, rules: { createHTML: (text: string) => string }) => TrustedPolicy }
  | undefined

/** The one way from text to a document, for what our own server has escaped. */
const policy: TrustedPolicy =
  typeof trustedTypes === 'undefined'
    ? { createHTML: (text) => text }
    : trustedTypes.createPolicy('page', { createHTML: (text) => text })

/** What a person has done to a part stays: a marked file, an opened fold. */
const OF_A_PERSON = new Set(['checked', 'open'])

/** Brings the parts with these ids to what the server has. What is the same stays the same element, and so keeps focus and place; rows are known by their ids. Rejects when the server does not answer with this page. */
export async function renewParts(...ids: string[]): Promise<void> {
  const response = await fetch(location.href, { headers: { accept: 'text/html' } })
  if (!response.ok || new URL(response.url).pathname !== location.pathname) throw new Error(`HTTP ${response.status}`)
  const page = new DOMParser().parseFromString(policy.createHTML(await response.text()), 'text/html')
  showLocalTimes(page)
  document.title = page.title
  const icon = page.querySelector('link[rel=icon]')
  if (icon !== null) document.querySelector('link[rel=icon]')?.replaceWith(icon)
  for (const id of ids) {
    const [now, then] = [document.getElementById(id), page.getElementById(id)]
    if (now !== null && then !== null)
      void Idiomorph.morph(now, [...then.childNodes], {
        morphStyle: 'innerHTML',
        callbacks: { beforeAttributeUpdated: (name) => !OF_A_PERSON.has(name) },
      })
  }
}
