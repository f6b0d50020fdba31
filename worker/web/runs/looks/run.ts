/** One run: what was run, what it printed, how it ended, and what it made. */
import { html } from 'hono/html'
import { ON_PAGE } from '../../../auth/caller.ts'
import { byteWords } from '../../../text/byte-words.ts'
import { API } from '../../pages/paths.ts'
import type { Learned } from '../learned.ts'
import { forPerson } from '../../data/for-person.ts'
import type { Outcome, Receipt } from '../../data/run-data.ts'
import { duration, STATUS_WORDS } from '../../data/run-words.ts'
import { appPage, timeOf } from '../../pages/app-page.ts'
import { clientTitle } from '../../pages/clients.ts'
import { type Html, lines, shownName } from '../../pages/page.ts'
import { keysHelp } from './keys.ts'
import { madeBy } from './made.ts'
import { helpedWords } from '../../data/helped.ts'
import { toldIn } from '../../data/told.ts'
import { withPageLinks } from '../../pages/page-links.ts'
import { programLines } from '../../pages/program.ts'
import { badge, counting, tryIt } from './runs.ts'
import { outputFiles, runTools } from './run-tools.ts'

/** `sharesAreOn`: a run that has ended can be shared. */
export function runPage(run: Receipt, learned: Learned[], sharesAreOn: boolean): Html {
  const { run_id, status, program, outcome } = run
  const isUnderWay = status === 'queued' || status === 'running'
  const title = shownName(run.description || firstStep(program ?? '') || `Run ${run_id}`)
  return appPage(
    title,
    html`<p><a href="/app/runs">Runs</a></p>
      <h1><bdi>${title}</bdi></h1>
      <div id="facts">${factsOf(run, isUnderWay, learned)}</div>
      <p id="said" class="unseen" role="status"></p>
      <section id="steps" aria-label="Steps"></section>
      <h2 id="output-title">Output</h2>
      ${runTools()}
      <div
        id="log"
        class="log"
        role="log"
        aria-labelledby="output-title"
        tabindex="0"
        data-events="${API}/runs/${run_id}/events"
      >
        ${outcome === null ? '' : printed(outcome)}
      </div>
      <p id="tail" role="status"></p>
      ${outputFiles(run_id, sharesAreOn && !isUnderWay)} ${keysHelp(KEYS)}
      <section id="use" class="use" aria-label="Resource use"></section>
      <div id="made">${outcome === null ? '' : madeBy(outcome, run)}</div>
      <h2>Program</h2>
      ${program === null ? html`<p>It is not kept any more.</p>` : programOf(run, program)}`,
    { sign: `${STATUS_WORDS[status][0]} `, icon: status },
  )
}

const KEYS = {
  '/': 'search',
  Enter: 'next place, with Shift the one before',
  Escape: 'end the search',
  t: 'times of lines: none, since the start, by the clock',
}

function factsOf(run: Receipt, isUnderWay: boolean, learned: Learned[]): Html {
  const { run_id, status, client, tool, created_at, started_at, outcome } = run
  const usage = outcome?.usage ?? null
  const facts: Record<string, Html | string | null> = {
    started: timeOf(created_at),
    by: client === null ? null : html`<bdi>${shownName(clientTitle(client))}</bdi>`,
    with: tool === null || client === ON_PAGE ? null : html`<code>${tool}</code>`,
    took: usage && duration(usage.wall_ms),
    'so far': status === 'running' ? counting(started_at ?? created_at, Date.now()) : null,
    processor: usage && duration(usage.cpu_ms),
    memory: usage && byteWords(usage.max_rss_bytes),
    'exit code': outcome?.exit_code == null ? null : String(outcome.exit_code),
    signal: outcome?.signal ?? null,
  }
  return html`<div class="state">
      ${badge(status)} ${isKeptWhole(run) ? html`<a class="button" href="#code">Edit and run again</a>` : ''}
      ${
        isUnderWay
          ? html`<form method="post" action="/app/runs/${run_id}/stop"><button class="danger">Stop</button></form>`
          : ''
      }
    </div>
    <dl class="facts">
      ${Object.entries(facts).map(([name, value]) =>
        value === null
          ? ''
          : html`<div>
              <dt>${name}</dt>
              <dd>${value}</dd>
            </div>`,
      )}
    </dl>
    ${isUnderWay || outcome === null ? '' : errorOf(outcome, learned)}`
}

function errorOf({ error, hints, learnings }: Outcome, learned: Learned[]): Html {
  if (error === null && hints.length === 0 && learnings.length === 0) return html``
  return html`<section class="problem" aria-label="What went wrong">
    ${
      error === null
        ? ''
        : html`<p>
              <strong>${error.type}</strong>:
              <bdi>${error.message}</bdi
              >${error.line === null ? '' : html` (<a href="#P${error.line}">line ${error.line}</a>)`}
            </p>
            ${error.frame === null ? '' : html`<pre>${error.frame}</pre>`}`
    }
    ${hints.map((hint) => html`<p>${withPageLinks(forPerson(hint))}</p>`)}
    ${
      learnings.length === 0
        ? ''
        : html`<p>Learned before:</p>
            <ul>
              ${learnings.map(
                ({ id, text }) => html`<li>${told(text)} ${helped(learned.find((each) => each.id === id))}</li>`,
              )}
            </ul>`
    }
  </section>`
}

/** What the run was told of a learning, by `line`. */
function told(line: string): Html {
  const texts = toldIn(line)
  if (texts === null) return html`<p><bdi>${line}</bdi></p>`
  const { problem, failed_approach, solution, context } = texts
  return html`<p><bdi>${problem}</bdi></p>
    ${
      failed_approach === ''
        ? ''
        : html`<p>This did not work:</p>
            ${lines(failed_approach)}
            <p>This worked:</p>`
    }
    ${lines(solution)} ${context === '' ? '' : html`<p class="facts">It was learned with: <bdi>${context}</bdi></p>`}`
}

/** How often a learning helped, and the way to it. */
function helped(learning: Learned | undefined): Html {
  if (learning === undefined) return html`<span class="facts">It was deleted since.</span>`
  const { id, problem, success_count, failure_count } = learning
  const words = helpedWords(success_count, failure_count)
  const search = new URLSearchParams({ search: problem.slice(0, 200) }).toString()
  return html`<span class="facts"
    >${words[0]!.toUpperCase()}${words.slice(1)}. <a href="/app/learnings?${search}#${id}">See it</a></span
  >`
}

/** What is kept of the output: all there is without the module, and of a run whose log is gone. */
function printed({ stdout, stderr, cut, bytes }: Outcome): Html {
  if (stdout === '' && stderr === '') return html`<p class="none">It printed nothing.</p>`
  return html`<pre>${stdout}</pre>
    ${stderr === '' ? '' : html`<pre class="stderr">${stderr}</pre>`}
    ${cut ? html`<p>The middle is left out; it printed ${byteWords(bytes.stdout + bytes.stderr)}.</p>` : ''}`
}

/** The first line of a program that does something. */
function firstStep(program: string): string {
  const lines = program.split('\n', MAX_LOOKED_AT).map((line) => line.trim())
  return lines.find((line) => line !== '' && !/^(?:#|import |from |""")/.test(line)) ?? ''
}
const MAX_LOOKED_AT = 50

/** Of a long program the beginning is kept, which is none to run again. */
function isKeptWhole({ program, program_chars }: Receipt): boolean {
  return program !== null && (program_chars === null || program_chars === program.length)
}

function programOf(run: Receipt, program: string): Html {
  const { run_id, program_chars, outcome, description } = run
  const isWhole = isKeptWhole(run)
  return html`<div id="source">${programLines(program.replace(/\n$/, ''), outcome?.error?.line ?? null)}</div>
    ${isWhole ? '' : html`<p>Its beginning; it has ${program_chars} characters.</p>`}
    <div class="tools">
      <a href="/app/runs/${run_id}/program.py" download>Program as a file</a>
      <a href="/app/runs/${run_id}/notebook.ipynb" download>Notebook</a>
      <button type="button" class="with-module" id="copy-program">Copy program</button>
    </div>
    ${isWhole ? tryIt(program, 'Edit and run again', false, description) : ''}`
}
