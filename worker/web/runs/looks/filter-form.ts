/** The form that limits the list of runs, and what it is limited to, each with a link that takes it away. */
import { html } from 'hono/html'
import { STATUS_WORDS } from '../../data/run-words.ts'
import { clientTitle } from '../../pages/clients.ts'
import { type Html, shownName } from '../../pages/page.ts'
import { type Filters, queryOf } from '../filters.ts'

const RUNS = '/app/runs'

export function isFiltered(filters: Filters): boolean {
  return queryOf({ ...filters, before: '', time_zone: '' }) !== ''
}

/** The list with other filters. It begins with the newest: older ones than a run that no longer fits would be a gap. */
export function listWith(filters: Filters, changes: Partial<Filters>): string {
  return `${RUNS}${queryOf({ ...filters, before: '', ...changes })}`
}

export function filterForm(filters: Filters): Html {
  const { search, status, from, to, client, tool } = filters
  const about = html`aria-describedby="zone" ${from !== '' && to !== '' && from > to ? html`aria-invalid="true"` : ''}`
  return html`<form method="get" action="${RUNS}" role="search" class="filters">
      <label>Search <input type="search" name="search" value="${search}" maxlength="200" /></label>
      <label
        >State
        <select name="status">
          <option value="">all</option>
          ${Object.entries(STATUS_WORDS).map(
            ([value, [, words]]) =>
              html`<option value="${value}" ${value === status ? 'selected' : ''}>${words}</option>`,
          )}
        </select></label
      >
      <span class="days">
        <label>From <input type="date" name="from" value="${from}" ${about} /></label>
        <label>to <input type="date" name="to" value="${to}" ${about} /></label>
      </span>
      ${zoneOf(filters)} ${kept('client', client)} ${kept('tool', tool)}
      <button>Show</button>
      <span id="zone" class="facts">Days of <bdi>${filters.time_zone || 'UTC'}</bdi></span>
    </form>
    ${isFiltered(filters) ? chosen(filters) : ''}`
}

/** The module makes it the reader's own zone, and what is chosen tells which one it was. Without days it says nothing, and stays out of the address. */
function zoneOf({ from, to, time_zone }: Filters): Html {
  const isIdle = from === '' && to === ''
  return html`<input
    type="hidden"
    id="time-zone"
    name="time_zone"
    value="${time_zone}"
    ${isIdle ? html` disabled` : ''}
  />`
}

/** A name that a link in a row has set stays set. */
function kept(name: 'client' | 'tool', value: string): Html {
  return value === '' ? html`` : html`<input type="hidden" name="${name}" value="${value}" />`
}

function chosen(filters: Filters): Html {
  const { search, status, from, to, client, tool } = filters
  const states: Partial<Record<string, readonly [string, string]>> = STATUS_WORDS
  const days = from === to ? from : from === '' ? `until ${to}` : to === '' ? `since ${from}` : `${from} to ${to}`
  const zone = filters.time_zone || 'UTC'
  return html`<ul class="chosen" aria-label="Shown are runs with">
    ${one(search, 'Search', filters, { search: '' })}
    ${one(states[status]?.[1] ?? '', 'State', filters, { status: '' })}
    ${one(days && `${days}, ${zone}`, 'Days', filters, { from: '', to: '', time_zone: '' })}
    ${one(client && clientTitle(client), 'Client', filters, { client: '' })} ${one(tool, 'Tool', filters, { tool: '' })}
    <li><a href="${RUNS}">All runs</a></li>
  </ul>`
}

/** What is chosen, as a link to the list without it. */
function one(value: string, label: string, filters: Filters, without: Partial<Filters>): Html {
  if (value === '') return html``
  return html`<li>
    <a class="chip" href="${listWith(filters, without)}"
      ><span class="unseen">Remove </span>${label}: <bdi>${shownName(value)}</bdi> <span aria-hidden="true">✕</span></a
    >
  </li>`
}
