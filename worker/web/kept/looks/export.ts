/** The page before everything is downloaded. */
import { html } from 'hono/html'
import { byteWords } from '../../../text/byte-words.ts'
import { appPage } from '../../pages/app-page.ts'
import type { Html } from '../../pages/page.ts'

/** `bytes`: of all files; null when they cannot be read now. `isMore`: not all files were listed. */
export function exportPage(bytes: number | null, count: number, isMore: boolean): Html {
  const size = bytes === null ? null : `${isMore ? 'more than ' : ''}${count} ${count === 1 ? 'file' : 'files'}`
  return appPage(
    'Export everything',
    html`<p><a href="/account">Account</a></p>
      <h1>Export everything</h1>
      <p>
        One compressed archive (<code>.tar.gz</code>) of one folder, <code>mcp-code-mode</code>, with what this server
        keeps for you:
      </p>
      <ul>
        <li>your learnings, which can be imported again, and your settings</li>
        <li>all runs that are kept: programs, output, errors, costs</li>
        <li>
          ${
            bytes === null
              ? 'not your files: they cannot be read at the moment. Next: try again in a minute.'
              : html`the files of your working folder: ${size}, ${byteWords(bytes)} before they are compressed`
          }
        </li>
      </ul>
      <p>Installed packages are not in it. The download begins at once, and is made while you receive it.</p>
      <form method="post" action="/account/export"><button class="primary">Download</button></form>`,
  )
}
