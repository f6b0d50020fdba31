/** The word about what is gone. */
import { html } from 'hono/html'
import type { Html } from '../../pages/page.ts'

/** `what`: empty when nothing was deleted. */
export function deletedNote(what: string): Html {
  return what === '' ? html`` : html`<p class="done" role="status">Deleted: <bdi>${what}</bdi></p>`
}
