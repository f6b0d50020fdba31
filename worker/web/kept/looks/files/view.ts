/** The page of one file: what it looks like, and what can be done with it. */
import { html } from 'hono/html'
import { byteWords } from '../../../../text/byte-words.ts'
import { appPage, timeOf } from '../../../pages/app-page.ts'
import type { Html } from '../../../pages/page.ts'
import { addressOf, FILES_PAGE, wayTo } from '../../../pages/paths.ts'
import { preview, type Previewed } from './preview.ts'

/** `listed`: the file in the list of all, if it is there: a list has an end. */
export function filePage(file: Previewed, listed: { bytes: number; modified: string } | undefined): Html {
  const { path, mime } = file
  const slash = path.lastIndexOf('/') + 1
  return appPage(
    `${path} – Files`,
    html`${wayTo(path.slice(0, slash), false)}
      <h1><bdi>${path.slice(slash)}</bdi></h1>
      <p class="facts">
        ${listed && html`${byteWords(listed.bytes)}, changed ${timeOf(listed.modified)}, `}${mime.split(';', 1)[0]}
      </p>
      <form method="post" action="${FILES_PAGE}/delete" class="tools">
        <a class="button" href="${addressOf(path)}" download>Download</a>
        <input type="hidden" name="in" value="${path.slice(0, slash)}" />
        <button name="only" value="${path}">Delete</button>
      </form>
      ${preview(file)}`,
  )
}
