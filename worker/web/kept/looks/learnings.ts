/** Learnings for people: each with how often it has helped, to be edited and deleted in its place. */
import { html } from 'hono/html'
import { helpedWords } from '../../data/helped.ts'
import { API } from '../../pages/paths.ts'
import type { ImportSummary, ShownLearning } from '../learnings-pages.ts'
import { appPage, timeOf } from '../../pages/app-page.ts'
import { clientTitle } from '../../pages/clients.ts'
import { deletedNote } from './deleted.ts'
import { type Html, lines, shownName } from '../../pages/page.ts'

/** Characters of a row of a field on a wide page. */
const CHARS_A_ROW = 90

/** Since the last page, `deleted`: the problem of the one that is gone; `saved`: the id of the one that was saved; or empty. */
export function learningsPage(
  { learnings, total }: { learnings: ShownLearning[]; total: number },
  search: string,
  { deleted, saved }: { deleted: string; saved: string },
): Html {
  return appPage(
    'Learnings',
    html`<h1>Learnings</h1>
      ${deletedNote(deleted)} ${saved === '' || learnings.some(({ id }) => id === saved) ? '' : savedNote()}
      <p>
        What failed before, and what solved it. A model whose program fails in the same way is told. Drafts come from
        comparing a failed run with the one that worked.
      </p>
      <form method="get" action="/app/learnings" role="search" class="filters">
        <label>Search <input type="search" name="search" value="${search}" maxlength="1000" /></label>
        <button>Show</button>
        ${search === '' ? '' : html`<a href="/app/learnings">All learnings</a>`}
      </form>
      ${
        learnings.length === 0
          ? search === ''
            ? html`<p>
                Nothing was learned yet. It comes by itself when a failed program is mended, or when a model calls
                add_learning.
              </p>`
            : html`<p>No learning has these words.</p>`
          : html`<p>${counted(learnings.length, total)}</p>
              <ul class="learnings">
                ${learnings.map((each) => item(each, search, each.id === saved))}
              </ul>`
      }
      <h2>Take along</h2>
      <p><a href="${API}/learnings/export" download>All learnings as a file</a></p>
      <form method="post" action="/app/learnings/import" enctype="multipart/form-data" class="filters">
        <label>File of learnings <input type="file" name="file" accept="application/json,.json" required /></label>
        <button>Import</button>
      </form>`,
  )
}

/** `3 learnings`, or `50 of 80 learnings` where not all are shown. */
function counted(shown: number, total: number): string {
  return `${shown === total ? '' : `${shown} of `}${total} ${total === 1 ? 'learning' : 'learnings'}`
}

function item(learning: ShownLearning, search: string, isSaved: boolean): Html {
  return html`<li id="${learning.id}">
    ${isSaved ? savedNote() : ''} ${shown(learning)}
    <details>
      <summary>Edit</summary>
      ${editForm(learning, search)}
    </details>
  </li>`
}

function shown({ problem, solution, draft, success_count, failure_count, origin, created_at }: ShownLearning): Html {
  return html`<p>
      ${draft ? html`<span class="badge">draft</span> ` : ''}<strong><bdi>${problem}</bdi></strong>
    </p>
    ${lines(solution)}
    <p class="facts">
      ${helpedWords(success_count, failure_count)} · by
      <bdi>${shownName(clientTitle(origin.client))}</bdi>, ${timeOf(new Date(created_at).toISOString())}
    </p>`
}

/** Asks before a learning is deleted. `list`: the address of the list that it stood in, which was searched for `search`. */
export function deletionPage(learning: ShownLearning, search: string, list: string): Html {
  return appPage(
    'Delete?',
    html`<h1>Delete this learning?</h1>
      <div class="at-stake">${shown(learning)}</div>
      <p>
        It will be gone for good, with its counts: a model whose program fails in the same way will not be told. To be
        able to bring it back, take <a href="${API}/learnings/export" download>a file of all learnings</a> first, which
        can be imported again.
      </p>
      <form method="post" action="/app/learnings/${learning.id}/delete" class="tools">
        <input type="hidden" name="sure" value="yes" />
        <input type="hidden" name="search" value="${search}" />
        <button class="danger">Delete</button>
        <a href="${list}#${learning.id}">Keep</a>
      </form>`,
  )
}

/** The form with what was typed, and why that was not saved. */
export function unsavedPage(typed: ShownLearning, search: string, reason: string): Html {
  return appPage(
    'Not saved',
    html`<h1>Not saved</h1>
      <p class="problem" role="alert">${reason}</p>
      ${editForm(typed, search)}
      <p><a href="/app/learnings">Learnings</a></p>`,
  )
}

function savedNote(): Html {
  return html`<p class="done" role="status">Saved.</p>`
}

function editForm(
  { id, kind, problem, failed_approach, solution, context, tags, draft }: ShownLearning,
  search: string,
): Html {
  const field = (name: string, label: string, text: string, isNeeded: boolean) =>
    html`<label
      >${label} <textarea name="${name}" rows="${rowsFor(text)}" ${isNeeded ? 'required' : ''}>${text}</textarea>
    </label>`
  return html`<form method="post" action="/app/learnings/${id}">
    <input type="hidden" name="search" value="${search}" />
    ${field('problem', 'Problem', problem, true)}
    ${field('failed_approach', 'What failed', failed_approach, kind === 'semantic')}
    ${field('solution', 'Solution', solution, true)} ${field('context', 'Context', context, false)}
    <label>Tags, with commas between them <input type="text" name="tags" value="${tags.join(', ')}" /></label>
    <button class="primary" name="action" value="save">Save</button>
    ${draft ? html`<button name="action" value="approve" formnovalidate>Approve as it is</button>` : ''}
    <button class="danger" formaction="/app/learnings/${id}/delete" formnovalidate>Delete</button>
  </form>`
}

/** Rows of a field, about as many as its text has. */
function rowsFor(text: string): number {
  const rows = text.split('\n').reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / CHARS_A_ROW)), 0)
  return Math.min(Math.max(rows, 3), 12)
}
export function importedPage({ added, merged, skipped, problems }: ImportSummary): Html {
  return appPage(
    'Imported',
    html`<h1>Imported</h1>
      <p>${added} new, ${merged} known already${skipped === 0 ? '' : html`, ${skipped} left out`}.</p>
      ${
        problems.length === 0
          ? ''
          : html`<ul>
              ${problems.map(({ index, reason }) => html`<li>Number ${index + 1}: <bdi>${reason}</bdi></li>`)}
            </ul>`
      }
      <p><a href="/app/learnings">Learnings</a></p>`,
  )
}
