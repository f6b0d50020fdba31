/** The page on which links to one run are made and revoked. */
import { html } from 'hono/html'
import { SHARE_DAYS, type Share } from '../../../session/sharing/shares.ts'
import { appPage, timeOf } from '../../pages/app-page.ts'
import { type Html, shownName } from '../../pages/page.ts'

export interface ShownLink extends Share {
  url: string
}

const DEFAULT_DAYS = 7

/**
 * `isOnlyHere`: the server has an address that leads to this computer from this computer only.
 * `refusal`: why no further link can be made.
 */
export function sharePage(
  runId: string,
  links: ShownLink[],
  { isOnlyHere, refusal }: { isOnlyHere: boolean; refusal: string | null },
): Html {
  return appPage(
    'Share a run',
    html`<p><a href="/app/runs/${runId}">Back to the run</a></p>
      <h1>Share this run</h1>
      <p>
        Anybody who has the link sees the program, its output and its pictures as they are now, without signing in. They
        see nothing else of yours, and not your name.
      </p>
      <ul class="rights">
        <li>Other files are never shown. A picture whose name looks like a secret’s is left out, name and all.</li>
        <li>
          What looks like a password, a key or a token in a text is hidden. Look at the page before you give it away.
        </li>
      </ul>
      ${
        isOnlyHere
          ? html`<p class="note">The link works on this computer only: its address is one of this computer.</p>`
          : ''
      }
      ${links.length === 0 ? '' : linkList(links, (link) => `/app/runs/${link.runId}/share/revoke`)}
      ${refusal === null ? shareForm(runId, links.length > 0) : html`<p class="note">${refusal}</p>`}`,
  )
}

function shareForm(runId: string, isFurther: boolean): Html {
  return html`<form method="post" action="/app/runs/${runId}/share" class="choice">
    <label
      >${isFurther ? 'A new link' : 'It'} ends after
      <select name="days">
        ${SHARE_DAYS.map(
          (days) =>
            html`<option value="${days}" ${days === DEFAULT_DAYS ? 'selected' : ''}>
              ${days === 1 ? '1 day' : `${days} days`}
            </option>`,
        )}
      </select></label
    >
    <button class="primary">Make a link</button>
  </form>`
}

/** Links with their addresses; `revokeAt`: where the form of each goes. */
export function linkList(links: ShownLink[], revokeAt: (link: ShownLink) => string, withTitles = false): Html {
  return html`<ul class="entries">
    ${links.map(
      (link) =>
        html`<li>
          <div>
            ${
              withTitles
                ? html`<strong
                    ><a href="/app/runs/${link.runId}"><bdi>${shownName(link.title)}</bdi></a></strong
                  >`
                : ''
            }
            <p class="facts">
              made ${timeOf(new Date(link.createdAt).toISOString())}, ends
              ${timeOf(new Date(link.expiresAt).toISOString())}
            </p>
            <pre data-copy>${link.url}</pre>
          </div>
          <form method="post" action="${revokeAt(link)}">
            <input type="hidden" name="id" value="${link.id}" /><button>Revoke</button>
          </form>
        </li>`,
    )}
  </ul>`
}
