/** Pages about runs: the list, a run, what it made in a frame, and its links for others. */
import { Hono } from 'hono'
import type { Env } from '../../env.ts'
import type { AccountDeps } from '../session-control.ts'
import { FRAMED } from '../pages/framed.ts'
import type { AnswerOf } from '../session-answers.ts'
import { framedPages } from './framed-pages.ts'
import { RUNS_PAGE, runsPages } from './runs-pages.ts'
import { SHARED } from './share-links.ts'
import { sharePages } from './share-pages.ts'
import { thumbnailPages, THUMBNAILS } from './thumbnails.ts'

export const RUN_PATHS = [RUNS_PAGE, `${RUNS_PAGE}/*`, `${FRAMED}/*`, `${SHARED}/*`, `${THUMBNAILS}/*`]

export function allRunPages(answerOf: AnswerOf, session: AccountDeps['session']): Hono<{ Bindings: Env }> {
  return new Hono<{ Bindings: Env }>()
    .route('/', sharePages(session))
    .route('/', runsPages(answerOf))
    .route('/', framedPages(answerOf))
    .route('/', thumbnailPages(answerOf))
}
