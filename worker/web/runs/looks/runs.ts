/** The list of runs, and the form that starts one. */
import { html } from 'hono/html'
import { ON_PAGE } from '../../../auth/caller.ts'
import type { Filters } from '../filters.ts'
import type { ListedRun, RunPage, Status } from '../../data/run-data.ts'
import { duration, STATUS_WORDS } from '../../data/run-words.ts'
import { agoOf, appPage, rowId } from '../../pages/app-page.ts'
import { clientTitle } from '../../pages/clients.ts'
import { filterForm, isFiltered, listWith } from './filter-form.ts'
import { keysHelp } from './keys.ts'
import { thumbnails } from './thumbnails.ts'
import { type Html, shownName } from '../../pages/page.ts'

/** Programs that the form begins with. */
const EXAMPLE = `import time

for step in range(1, 6):
    print(f"step {step} of 5")
    time.sleep(0.5)
`

/** `page`: the runs, or why there are none to be shown. */
export function runsPage(origin: string, page: RunPage | string, filters: Filters, now: number): Html {
  if (typeof page === 'string')
    return appPage(
      'Runs',
      html`<h1>Runs</h1>
        <p class="problem" role="alert">${page}</p>
        ${filterForm(filters)} ${isFiltered(filters) ? '' : html`<p><a href="/app/runs">All runs</a></p>`}`,
    )
  const isNewest = filters.before === ''
  return appPage(
    'Runs',
    html`<h1>Runs</h1>
      ${filterForm(filters)}
      <p id="news" role="status"></p>
      <div id="list" data-live="${isNewest ? 'runs' : ''}">${list(origin, page, filters, now)}</div>
      ${page.runs.length === 0 ? '' : keysHelp(KEYS)}
      ${isNewest ? tryIt(EXAMPLE, 'Try it', !isFiltered(filters) && page.runs.length === 0) : ''}`,
  )
}

const KEYS = { '/': 'search', j: 'next run', k: 'the one before', Enter: 'open it' }

function list(origin: string, { runs, next }: RunPage, filters: Filters, now: number): Html {
  const { before } = filters
  const older = next === null ? '' : html`<a rel="next" href="/app${next}">Older runs</a>`
  const newest = before === '' ? '' : html`<a href="${listWith(filters, {})}">Newest runs</a>`
  if (runs.length > 0)
    return html`<ol class="runs">
        ${runs.map((run) => row(run, filters, now))}
      </ol>
      <p>${newest} ${older}</p>`
  if (isFiltered(filters) || before !== '')
    return html`<p>No run is like that. <a href="/app/runs">Show all runs</a>.</p>`
  return html`<p>Nothing has run yet. Connect a client, for example Claude Code:</p>
    <pre data-copy>claude mcp add --transport http code-mode ${origin}/mcp</pre>
    <p>
      There /mcp signs in. The front page has <a href="/#connect">all other clients</a>. Then ask for a program, or run
      one here.
    </p>`
}

function row(run: ListedRun, filters: Filters, now: number): Html {
  const { run_id, status, error, client, tool, wall_ms, created_at, started_at } = run
  const said = error === null ? run.output_line : `${error.type}: ${error.message}`
  return html`<li id="${rowId(run_id)}" data-run="${run_id}">
    ${badge(status)}
    <a class="title" href="/app/runs/${run_id}"><bdi>${titleOf(run)}</bdi></a>
    <span class="facts"
      >${agoOf(Date.parse(created_at), now)}${
        status === 'running'
          ? html` · ${counting(started_at ?? created_at, now)}`
          : wall_ms === null
            ? ''
            : html` · ${duration(wall_ms)}`
      }${named(filters, 'client', client, clientTitle(client))}${client === ON_PAGE ? '' : named(filters, 'tool', tool, tool)}</span
    >
    ${said === '' ? '' : html`<code class="said"><bdi>${oneLine(said)}</bdi></code>`} ${thumbnails(run)}
  </li>`
}

/** A name that leads to those of the runs that have it. */
function named(filters: Filters, what: 'client' | 'tool', name: string | null, shown: string | null): Html {
  if (name === null) return html``
  return html` <span class="dot">· </span
    ><a href="${listWith(filters, { [what]: name })}"><bdi>${shownName(shown ?? name)}</bdi></a>`
}

/** The length so far of what goes on; the module counts on. */
export function counting(since: string, now: number): Html {
  return html`<span class="counting" data-since="${since}">${duration(Math.max(0, now - Date.parse(since)))}</span>`
}

function titleOf({ description, program_line, output_line, run_id }: ListedRun): string {
  return oneLine(description || program_line || output_line || run_id)
}

export function badge(status: Status): Html {
  const [sign, words] = STATUS_WORDS[status]
  return html`<span class="badge ${status}"><span aria-hidden="true">${sign}</span> ${words}</span>`
}

/** The form that starts a program. `open`: it is shown at once. `description`: what it was for, to be edited; null: it is not asked for. */
export function tryIt(code: string, label: string, open: boolean, description: string | null = null): Html {
  return html`<details class="try" ${open ? 'open' : ''}>
    <summary>${label}</summary>
    <form method="post" action="/app/runs">
      ${
        description === null
          ? ''
          : html`<label for="description">What it is for</label>
              <textarea id="description" name="description" rows="2" maxlength="1000">${description}</textarea>`
      }
      <label for="code">Program</label>
      <textarea id="code" name="code" rows="8" spellcheck="false" autocapitalize="off" required>${code}</textarea>
      <button class="primary">Run</button>
    </form>
  </details>`
}

function oneLine(text: string): string {
  return shownName(text.slice(0, 400))
}
