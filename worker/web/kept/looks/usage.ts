/** What a user takes of the server. */
import { html } from 'hono/html'
import { byteWords, sizeWords } from '../../../text/byte-words.ts'
import { duration } from '../../data/run-words.ts'
import type { Usage } from '../usage-pages.ts'
import { appPage } from '../../pages/app-page.ts'
import type { Html } from '../../pages/page.ts'

const DAYS = 30
const DAY_MS = 24 * 60 * 60 * 1000
/** Size of the chart, in its own units. */
const [WIDTH, HEIGHT] = [600, 120]

export function usagePage({ today, storage, days, sandbox }: Usage, now: Date): Html {
  const used = today.used_ms / 60_000
  return appPage(
    'Usage',
    html`<h1>Usage</h1>
      <dl class="amounts">
        <div>
          <dt>Today</dt>
          <dd>
            ${duration(today.used_ms)}${today.limit_minutes === null ? '' : ` of ${today.limit_minutes} minutes`}
            ${today.limit_minutes === null ? '' : meter('Time of today', used, today.limit_minutes)}
            <p class="facts">
              ${
                today.limit_minutes === null
                  ? 'Time of programs and installations. This server sets no limit.'
                  : 'Time of programs and installations. It begins anew at midnight UTC.'
              }
            </p>
          </dd>
        </div>
        <div>
          <dt>Storage</dt>
          <dd>${storage === null ? html`<p class="facts">Known when the sandbox runs.</p>` : amountOf(storage)}</dd>
        </div>
        ${
          hasNone(sandbox)
            ? ''
            : html`<div>
                <dt>Sandbox</dt>
                <dd>${stateOf(sandbox)}</dd>
              </div>`
        }
      </dl>
      <h2 id="by-day">Runs by day</h2>
      ${
        days.length === 0
          ? html`<p>There were none in the last ${DAYS} days. <a href="/app/runs">Try one</a>.</p>`
          : html`${chart(days, now)} ${table(days)}`
      }
      <p class="facts">Days are those of UTC. The newest 200 runs are kept, for ${DAYS} days.</p>`,
  )
}

function meter(name: string, value: number, most: number): Html {
  return html`<meter aria-label="${name}" min="0" max="${most}" high="${most * 0.9}" value="${value}"></meter>`
}

function amountOf({ bytes, at_least, limit_bytes }: NonNullable<Usage['storage']>): Html {
  return html`${at_least ? 'At least ' : ''}${byteWords(bytes)} of ${sizeWords(limit_bytes)}
    ${meter('Storage', bytes, limit_bytes)}
    <p class="facts"><a href="/app/files">Files</a>, packages, and what is kept of runs.</p>`
}

/** Where programs run as processes of the server's user there is nothing to be told, but that they cannot. */
function hasNone({ executor, state }: Usage['sandbox']): boolean {
  return executor === 'local' && state !== 'unreachable'
}

function stateOf({ executor, state, python, live_runs, live_installs }: Usage['sandbox']): Html {
  if (executor === 'none')
    return html`<p>This server has nowhere to run programs. Next: start it with “npm run dev”.</p>`
  const busy = [count(live_runs, 'run', 'runs'), count(live_installs, 'installation', 'installations')]
  const words = {
    running: html`Running, Python
    ${python}${busy.some((each) => each !== '') ? `, ${busy.filter((each) => each !== '').join(', ')} under way` : ''}`,
    asleep: html`Asleep. It starts by itself with the next program.`,
    unreachable: html`It does not answer. Next: look again in a minute.`,
  }
  if (executor === 'local') return words[state]
  const action = state === 'asleep' ? 'start' : 'stop'
  return html`${words[state]}
    <form method="post" action="/app/usage/sandbox">
      <button name="action" value="${action}">${action === 'start' ? 'Start' : 'Stop'} the sandbox</button>
    </form>
    <p class="facts">${action === 'start' ? 'So the first program need not wait.' : 'Its files are saved before.'}</p>`
}

function count(number: number | null, one: string, several: string): string {
  return number === null || number === 0 ? '' : `${number} ${number === 1 ? one : several}`
}

/** Bars of the last 30 days. The table below says the same. */
function chart(days: Usage['days'], now: Date): Html {
  const known = new Map(days.map((day) => [day.day, day]))
  const shown = Array.from({ length: DAYS }, (_, index) => {
    const day = new Date(now.getTime() - (DAYS - 1 - index) * DAY_MS).toISOString().slice(0, 10)
    return known.get(day) ?? { day, runs: 0, failed: 0 }
  })
  const most = Math.max(1, ...shown.map(({ runs }) => runs))
  const step = WIDTH / DAYS
  const bar = (index: number, top: number, height: number, kind: string) =>
    html`<rect class="${kind}" x="${index * step + 2}" y="${HEIGHT - top}" width="${step - 4}" height="${height}" />`
  return html`<svg
    class="chart"
    viewBox="0 0 ${WIDTH} ${HEIGHT + 1}"
    role="img"
    aria-label="Runs on each of the last ${DAYS} days, ${most} at most; the table has the numbers"
  >
    ${shown.map(({ day, runs, failed }, index) => {
      const [all, bad] = [(runs / most) * (HEIGHT - 10), (failed / most) * (HEIGHT - 10)]
      return html`<g
        ><title>${day}: ${runs} runs, ${failed} failed</title
        >${bar(index, all, all - bad, 'ran')}${bar(index, bad, bad, 'failed')}</g
      >`
    })}
    <line x1="0" x2="${WIDTH}" y1="${HEIGHT + 0.5}" y2="${HEIGHT + 0.5}" />
  </svg>`
}

function table(days: Usage['days']): Html {
  return html`<table class="by-day" aria-labelledby="by-day">
    <thead>
      <tr>
        <th scope="col">Day</th>
        <th scope="col" class="number">Runs</th>
        <th scope="col" class="number">Failed</th>
        <th scope="col" class="number">Time</th>
      </tr>
    </thead>
    <tbody>
      ${days.toReversed().map(
        ({ day, runs, failed, wall_ms }) =>
          html`<tr>
            <th scope="row">
              <a href="/app/runs?${new URLSearchParams({ from: day, to: day }).toString()}">${day}</a>
            </th>
            <td class="number">${runs}</td>
            <td class="number">${failed}</td>
            <td class="number">${duration(wall_ms)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`
}
