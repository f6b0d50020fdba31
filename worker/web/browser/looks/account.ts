/** The account page: connected apps, personal tokens, and the ways out. */
import type { GrantSummary } from '@cloudflare/workers-oauth-provider'
import { html } from 'hono/html'
import type { EndedConnection } from '../../../auth/refreshed-grants.ts'
import { MAX_TOKEN_DAYS, MAX_TOKEN_NAME, type PersonalToken } from '../../../auth/account.ts'
import { type Identity, LOCAL_DEVELOPER } from '../../../auth/identity/identity.ts'
import { ALL_SCOPES, isScope, SCOPES } from '../../../auth/scopes.ts'
import type { SeenClient } from '../../../session/lanes/seen-clients.ts'
import { agoOf, appPage, timeOf } from '../../pages/app-page.ts'
import { type Html, shownName } from '../../pages/page.ts'
import { linkList, type ShownLink } from '../../runs/looks/share.ts'

/** Word that the user types before everything is deleted. */
export const DELETE_WORD = 'delete'
const DEFAULT_TOKEN_DAYS = 90
export const SIGN_OUT_EVERYWHERE = '/account/sign-out-everywhere'

/** What a form of the page has ended, in words. */
const ENDED = {
  app: 'The app is disconnected.',
  token: 'The token is revoked.',
  link: 'The link is revoked.',
}

interface AccountFacts {
  identity: Identity
  origin: string
  grants: GrantSummary[]
  /** The MCP clients that have come. */
  clients: SeenClient[]
  /** When each grant was used last beside /mcp: milliseconds since 1970. */
  used: Record<string, number>
  /** Links by which anybody may look at a run. */
  links: ShownLink[]
  /** Connections that ended because a used refresh token came back. */
  ended: EndedConnection[]
  tokens: PersonalToken[]
  /** A token that was just made: it is shown only this once. */
  newToken?: string
  /** The problem of a form. */
  problem?: string
  /** What a form has just ended, as `ENDED` names it. */
  justEnded?: string
  /** Milliseconds since 1970. */
  now: number
}

export function accountPage(facts: AccountFacts): Html {
  const { identity, origin, grants, clients, used, links, ended, tokens, newToken, problem, justEnded, now } = facts
  const done = (thing: keyof typeof ENDED) =>
    justEnded === thing ? html`<p class="done" role="status">${ENDED[thing]}</p>` : ''
  return appPage(
    'Account',
    html`<h1>Your account</h1>
      <form method="post" action="/sign-out" class="who">
        <p>
          Signed in as <strong><bdi>${shownName(identity.name)}</bdi></strong
          >${identity.email === null ? '' : html` (<bdi>${shownName(identity.email)}</bdi>)`}.
        </p>
        <button>Sign out</button>
      </form>
      ${problem === undefined ? '' : html`<p class="note" role="alert">${problem}</p>`}
      ${newToken === undefined ? '' : tokenMade(newToken, origin)}
      <h2 id="apps">Connected apps</h2>
      ${done('app')}
      ${
        grants.length === 0
          ? html`<p>
              No app signs in by your browser. <a href="/#connect">Connect one</a>: it asks you here what it may do.
            </p>`
          : html`<ul class="entries">
              ${grants.map((grant) => appEntry(grant, lastUse(grant.id, clients, used), now))}
            </ul>`
      }
      ${ended.map(
        ({ client, endedAt }) =>
          html`<p class="note">
            <bdi>${shownName(client)}</bdi> was disconnected on ${day(endedAt)}: a token of it that had been replaced
            was used again. Either somebody has copied the files of the app, or two programs share them. Next: look who
            can read them, then connect the app again.
          </p>`,
      )}
      <h2 id="tokens">Personal tokens</h2>
      <p>For scripts, CI and clients that cannot open a browser, as <code>Authorization: Bearer TOKEN</code>.</p>
      ${identity.issuer === LOCAL_DEVELOPER.issuer ? printedToken() : ''} ${done('token')}
      ${
        tokens.length === 0
          ? html`<p>None.</p>`
          : html`<ul class="entries">
              ${tokens.map((token) => tokenEntry(token, now))}
            </ul>`
      }
      ${newTokenForm()}
      ${
        links.length === 0 && justEnded !== 'link'
          ? ''
          : html`<h2 id="shared">Shared runs</h2>
              <p>Anybody who has such a link sees the run.</p>
              ${done('link')} ${linkList(links, () => '/account/shares/revoke', true)}`
      }
      <h2>Your data</h2>
      <p><a class="button" href="/account/export">Export everything …</a></p>
      <h2>Ways out</h2>
      <section class="way-out" aria-labelledby="everywhere">
        <h3 id="everywhere">Sign out everywhere</h3>
        <p>
          Ends every browser’s sign-in, disconnects all apps and revokes all tokens and share links. Your data stays.
        </p>
        <p><a class="button" href="${SIGN_OUT_EVERYWHERE}">Sign out everywhere …</a></p>
      </section>
      <section class="way-out" aria-labelledby="delete">
        <h3 id="delete">Delete my data</h3>
        <form method="post" action="/account/delete">
          <p>
            Ends running programs and deletes your files, packages, runs, learnings, settings, tokens and share links,
            at once and for good.
          </p>
          <label
            >Type “${DELETE_WORD}” to confirm <input type="text" name="confirm" required autocomplete="off"
          /></label>
          <p><button class="danger">Delete my data</button></p>
        </form>
      </section>`,
  )
}

/** The token of the server itself is in no list: its user has it from the terminal. */
function printedToken(): Html {
  return html`<p>
    The token that <code>npm run dev</code> printed may do everything, and is not listed here. It is
    <code>DEV_TOKEN</code> in <code>.dev.vars</code>: delete the line and start again for a new one.
  </p>`
}

/** Asks before every way in is ended. */
export function signOutEverywherePage(apps: number, tokens: number): Html {
  const counted = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`
  return appPage(
    'Sign out everywhere?',
    html`<h1>Sign out everywhere?</h1>
      <p>
        This ends every browser’s sign-in, this one’s included, disconnects ${counted(apps, 'app')} and revokes
        ${counted(tokens, 'token')} and all share links, at once and for good. Your data stays, and running programs go
        on.
      </p>
      <form method="post" action="${SIGN_OUT_EVERYWHERE}" class="choice">
        <button class="danger">Sign out everywhere</button>
        <a class="button" href="/account">Keep everything</a>
      </form>`,
  )
}

function tokenMade(token: string, origin: string): Html {
  const header = `Authorization: Bearer ${token}`
  return html`<section class="made" aria-labelledby="made">
    <h2 id="made" role="status">Your new token</h2>
    <p>Copy it now: it is not shown again.</p>
    <pre id="new-token" data-copy>${token}</pre>
    <p>Claude Code, in a terminal:</p>
    <pre data-copy>claude mcp add --transport http code-mode ${origin}/mcp --header "${header}"</pre>
    <p>curl, a program whose output you see as it comes:</p>
    <pre data-copy>
curl -N ${origin}/runs -H "${header}" -H "content-type: application/json" -d '{"code": "print(6 * 7)"}'</pre>
  </section>`
}

/** When a grant was used last, for whatever it was; null: not yet. */
function lastUse(id: string, clients: SeenClient[], used: Record<string, number>): number | null {
  const times = clients.flatMap(({ grantId, lastAt }) => (grantId === id ? lastAt : []))
  if (Object.hasOwn(used, id)) times.push(used[id]!)
  return times.length === 0 ? null : Math.max(...times)
}

function appEntry({ id, metadata, scope, createdAt }: GrantSummary, lastAt: number | null, now: number): Html {
  const seen = lastAt === null ? 'not seen yet' : html`last seen ${agoOf(lastAt, now)}`
  const facts = html`connected ${timeOf(new Date(createdAt * 1000).toISOString())}, ${seen}`
  return entry(
    String(metadata?.['clientName'] ?? 'unknown'),
    facts,
    scope,
    html`<form method="post" action="/account/grants/revoke">
      <input type="hidden" name="id" value="${id}" /><button>Disconnect</button>
    </form>`,
  )
}

function tokenEntry({ id, name, scopes, last_used_at, expires_at }: PersonalToken, now: number): Html {
  const used = last_used_at === null ? 'never used' : html`last used ${agoOf(last_used_at, now)}`
  return entry(
    name,
    html`${used}, expires on ${day(expires_at)}`,
    scopes,
    html`<form method="post" action="/account/tokens/revoke">
      <input type="hidden" name="id" value="${id}" /><button>Revoke</button>
    </form>`,
  )
}

/** Somebody or something that has access: its name, what is known of it, its rights, and the way to end it. */
function entry(name: string, facts: Html, scopes: string[], end: Html): Html {
  return html`<li>
    <div>
      <strong><bdi>${shownName(name)}</bdi></strong>
      <p class="facts">${facts}</p>
      ${rights(scopes)}
    </div>
    ${end}
  </li>`
}

/** What may be done, in words. */
function rights(scopes: string[]): Html {
  const words = ['Read your runs, files, learnings and settings', ...scopes.filter(isScope).map((one) => SCOPES[one])]
  return html`<ul class="rights">
    ${words.map((each) => html`<li>${each}</li>`)}
  </ul>`
}

function newTokenForm(): Html {
  return html`<form method="post" action="/account/tokens">
    <fieldset>
      <legend>New token</legend>
      <label
        >What it is for <input type="text" name="name" required maxlength="${MAX_TOKEN_NAME}" autocomplete="off"
      /></label>
      <label
        >Days until it expires
        <input type="number" name="days" value="${DEFAULT_TOKEN_DAYS}" min="1" max="${MAX_TOKEN_DAYS}" required
      /></label>
      <p>It may read your runs, files, learnings and settings. It may also:</p>
      ${ALL_SCOPES.map(
        (scope) =>
          html`<label><input type="checkbox" name="scope" value="${scope}" checked /> ${SCOPES[scope]}</label>`,
      )}
      <button class="primary">Create token</button>
    </fieldset>
  </form>`
}

/** `2026-11-22`, from milliseconds since 1970. */
function day(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}
