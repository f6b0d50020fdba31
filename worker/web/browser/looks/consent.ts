/** The consent page: the app that asks, the address of the answer, and the scopes. */
import type { ConsentDescription } from '@cloudflare/workers-oauth-provider'
import { html } from 'hono/html'
import type { Identity } from '../../../auth/identity/identity.ts'
import { type Scope, SCOPES } from '../../../auth/scopes.ts'
import { type Html, page, shownName } from '../../pages/page.ts'

interface Consent {
  details: ConsentDescription
  /** Scopes that the user may tick. */
  scopes: Scope[]
  identity: Identity
  handle: string
  userId: string
}

export function consentPage({ details, scopes, identity, handle, userId }: Consent): Html {
  const name = shownName(details.clientName)
  const title = `Allow ${name} to use your Python?`
  return page(
    title,
    html`<h1>Allow <bdi>${name}</bdi> to use your Python?</h1>
      ${
        details.clientDomain === undefined
          ? html`<p>This app gave itself that name; nobody has checked it.</p>`
          : html`<p>
              Published by <strong><bdi>${details.clientDomain}</bdi></strong
              >.
            </p>`
      }
      <p>
        Access will be sent to <strong><bdi>${details.redirectHost}</bdi></strong
        >.
      </p>
      ${
        details.redirectIsLoopback
          ? html`<p class="note">
              That is an app on the computer you are sitting at. Continue only if you have just started to connect it
              yourself.
            </p>`
          : ''
      }
      <form method="post" action="/authorize">
        <input type="hidden" name="handle" value="${handle}" />
        <input type="hidden" name="user" value="${userId}" />
        <fieldset>
          <legend>It may</legend>
          <p>Read your runs, files, learnings and settings. It may also:</p>
          ${scopes.map(
            (scope) =>
              html`<label><input type="checkbox" name="scope" value="${scope}" checked /> ${SCOPES[scope]}</label>`,
          )}
        </fieldset>
        <button class="primary" name="decision" value="allow">Allow</button>
        <button name="decision" value="deny">Deny</button>
      </form>
      <form method="post" action="/sign-out">
        <p>
          You are signed in as <strong><bdi>${shownName(identity.name)}</bdi></strong
          >.
          <button>Sign out</button>
        </p>
      </form>`,
  )
}
