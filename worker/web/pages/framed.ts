/** HTML and SVG that programs made, in a frame of their own: shown as they look, without script, forms, network or a way to the page around. */
import { html } from 'hono/html'
import type { Html } from './page.ts'

export const FRAMED = '/app/framed'
/** Types that a frame shows. Pictures of other types need none. */
const FRAMED_TYPES = new Set(['text/html', 'image/svg+xml'])

/** Longest document that a page shows by itself. Bytes. */
const MAX_BYTES = 5_000_000

export function isFramed(mime: string | null, bytes: number | null = 0): boolean {
  return FRAMED_TYPES.has(mime ?? '') && bytes !== null && bytes <= MAX_BYTES
}

/** The frame of a file of the working folder, by its path there. */
export function framed(path: string): Html {
  const address = `${FRAMED}/${path.split('/').map(encodeURIComponent).join('/')}`
  return html`<iframe class="framed" sandbox loading="lazy" title="${path}" src="${address}"></iframe>`
}

/**
 * Headers of what is in the frame. Its policy is its own: a document in `srcdoc` would have that of the page, which takes no style of
 * tables and drawings. `sandbox` gives it an origin that is nobody's, also where the attribute is missing.
 */
export function framedHeaders(mime: string): Record<string, string> {
  return {
    'content-type': `${mime}; charset=utf-8`,
    'content-security-policy':
      "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; frame-ancestors 'self'",
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  }
}
