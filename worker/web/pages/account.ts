/** The account page: connected apps, personal tokens, and the ways out. */
import type { GrantSummary } from '@cloudflare/workers-oauth-provider'
import { html } from 'hono/html'
import type { EndedConnection } from '../../auth/refreshed-grants.ts'
import { MAX_TOKEN_DAYS, MAX_TOKEN_NAME, type PersonalToken } from '../../auth/account.ts'
import type { Identity } from '../../auth/identity/identity.ts'
import { ALL_SCOPES, SCOPES } from '../../auth/scopes.ts'
import { type Html, page, shownName } from './page.ts'

/** Word that the user types before everything is deleted. */
export const DELETE_WORD = 'delete'
const DEFAULT_TOKEN_DAYS = 90

interface AccountFacts {
  identity: Identity
  origin: string
  grants: GrantSummary[]
  /** Connections that ended because a used refresh token came back. */
  ended: EndedConnection[]
  tokens: PersonalToken[]
  /** A token that was just made: it is shown only this once. */
  newToken?: string
  /** The problem of a form. */
  problem?: string
}

export function accountPage({ identity, origin, grants, ended, tokens, newToken, problem }: AccountFacts): Html {
  return page(
    'Your account',
    html`<h1>Your account</h1>
      <form method="post" action="/sign-out">
        <p>
          Signed in as <strong><bdi>${shownName(identity.name)}</bdi></strong
          >${identity.email === null ? '' : html` (<bdi>${shownName(identity.email)}</bdi>)`}.
          <button>Sign out</button>
        </p>
      </form>
      <p>Clients connect to <code>${origin}/mcp</code>.</p>
      ${problem === undefined ? '' : html`<p class="note" role="alert">${problem}</p>`}
      <h2>Connected apps</h2>
      ${grants.length === 0 ? html`<p>None.</p>` : grantTable(grants)}
      ${ended.map(
        ({ client, endedAt }) =>
          html`<p class="note">
            <bdi>${shownName(client)}</bdi> was disconnected on ${day(endedAt)}: a token of it that had been replaced
            was used again. Either somebody has copied the files of the app, or two programs share them. Next: look who
            can read them, then connect the app again.
          </p>`,
      )}
      <h2>Personal tokens</h2>
      <p>For scripts, CI and clients that cannot open a browser, as <code>Authorization: Bearer …</code>.</p>
      ${
        newToken === undefined
          ? ''
          : html`<p role="status">Your new token. Copy it now: it is not shown again.</p>
              <pre id="new-token">${newToken}</pre>`
      }
      ${tokens.length === 0 ? html`<p>None.</p>` : tokenTable(tokens)}
      <form method="post" action="/account/tokens">
        <fieldset>
          <legend>New token</legend>
          <label
            >What it is for <input type="text" name="name" required maxlength="${MAX_TOKEN_NAME}" autocomplete="off"
          /></label>
          <label
            >Days until it expires
            <input type="number" name="days" value="${DEFAULT_TOKEN_DAYS}" min="1" max="${MAX_TOKEN_DAYS}" required
          /></label>
          <p>It may read your runs, files, learnings and settings. And, as long as it is ticked:</p>
          ${ALL_SCOPES.map(
            (scope) =>
              html`<label><input type="checkbox" name="scope" value="${scope}" checked /> ${SCOPES[scope]}</label>`,
          )}
          <button class="primary">Create token</button>
        </fieldset>
      </form>
      <h2>Sign out everywhere</h2>
      <form method="post" action="/account/sign-out-everywhere">
        <p>Ends every browser’s sign-in, disconnects all apps and revokes all tokens. Your data stays.</p>
        <button class="danger">Sign out everywhere</button>
      </form>
      <h2>Delete my data</h2>
      <form method="post" action="/account/delete">
        <p>
          Ends running programs and deletes your files, packages, runs, learnings, settings and tokens, at once and for
          good.
        </p>
        <label>Type “${DELETE_WORD}” to confirm <input type="text" name="confirm" required autocomplete="off" /></label>
        <button class="danger">Delete my data</button>
      </form>`,
  )
}

function grantTable(grants: GrantSummary[]): Html {
  return html`<table>
    <thead>
      <tr>
        <th>App</th>
        <th>May</th>
        <th>Since</th>
        <td></td>
      </tr>
    </thead>
    <tbody>
      ${grants.map(
        ({ id, metadata, scope, createdAt }) =>
          html`<tr>
            <td><bdi>${shownName(String(metadata?.clientName ?? 'unknown'))}</bdi></td>
            <td>${scopeNames(scope)}</td>
            <td>${day(createdAt * 1000)}</td>
            <td>
              <form class="inline" method="post" action="/account/grants/revoke">
                <input type="hidden" name="id" value="${id}" /><button>Disconnect</button>
              </form>
            </td>
          </tr>`,
      )}
    </tbody>
  </table>`
}

function tokenTable(tokens: PersonalToken[]): Html {
  return html`<table>
    <thead>
      <tr>
        <th>Token</th>
        <th>May</th>
        <th>Last used</th>
        <th>Expires</th>
        <td></td>
      </tr>
    </thead>
    <tbody>
      ${tokens.map(
        ({ id, name, scopes, last_used_at, expires_at }) =>
          html`<tr>
            <td><bdi>${shownName(name)}</bdi></td>
            <td>${scopeNames(scopes)}</td>
            <td>${last_used_at === null ? 'never' : day(last_used_at)}</td>
            <td>${day(expires_at)}</td>
            <td>
              <form class="inline" method="post" action="/account/tokens/revoke">
                <input type="hidden" name="id" value="${id}" /><button>Revoke</button>
              </form>
            </td>
          </tr>`,
      )}
    </tbody>
  </table>`
}

function scopeNames(scopes: string[]): string {
  return ['read', ...scopes].join(', ')
}

/** `2026-11-22`, from milliseconds since 1970. */
function day(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}
