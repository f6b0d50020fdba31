/** The pages for signing in: one button for each way of it. */
import { html } from 'hono/html'
import type { IdentityProvider } from '../../../auth/identity/identity.ts'
import { ONE_TIME_PATH } from '../../../auth/one-time-key.ts'
import { type Html, page } from '../../pages/page.ts'

/** `returnTo`: a path of ours to come back to. */
export function signInPage(providers: IdentityProvider[], isLocal: boolean, returnTo: string): Html {
  const query = new URLSearchParams({ return: returnTo }).toString()
  return page(
    'Sign in',
    html`<h1>Sign in to MCP Code Mode</h1>
      ${providers.map(
        ({ id, label }) => html`<p><a class="button" href="/sign-in/${id}?${query}">Sign in with ${label}</a></p>`,
      )}
      ${
        isLocal
          ? html`<form method="post" action="/sign-in/local">
              <input type="hidden" name="return" value="${returnTo}" />
              <button class="primary">Continue as the local developer</button>
              <p>This server runs on this computer, and programs run as the user who started it.</p>
            </form>`
          : ''
      }
      ${
        providers.length === 0 && !isLocal
          ? html`<p>
              Nobody can sign in here yet. Next, for the operator: set AUTH_SECRET, and set up GitHub or an OpenID
              Connect issuer (docs/users.md).
            </p>`
          : ''
      }`,
  )
}

/** The page of the link that `npm run dev` prints. */
export function signInOncePage(): Html {
  return page(
    'Sign in',
    html`<h1>Sign in to MCP Code Mode</h1>
      <form method="post" action="${ONE_TIME_PATH}">
        <p>You start as the local developer. Programs run on this computer, as the user who started the server.</p>
        <button class="primary">Continue</button>
      </form>`,
  )
}
