/**
 * A learning as a model sees it: quoted data with its id and origin, cut to size. Its texts were written by programs, models and strangers;
 * nothing in them can end the quotation, hide, or pass for the surrounding result.
 */
import { clean, cut } from '../text/clean.ts'
import { quote } from '../text/quote.ts'
import type { Learning } from './learning.ts'

/** Longest quoted text where a learning is one of many, in characters. */
const SHORT = 300
/** Characters of the learnings of one result together. */
const RESULT_CHARS = 3_000
/** Longest quoted text in a result: the first of these with which all its learnings fit. */
const RESULT_TEXTS = [2_000, 1_000, 700, 500, 300]
/** Longest name of a client. */
const NAME = 60

/** The shape of `learnings` in a run's outcome. */
export interface QuotedLearning {
  id: string
  kind: string
  text: string
  origin: string
}

export function quoteLearning(learning: Learning, max = SHORT): QuotedLearning {
  return { id: learning.id, kind: learning.kind, text: learningText(learning, max), origin: originText(learning) }
}

/** The learnings of one result: whole, or, when they are too long together, each cut to the same length. */
export function quoteLearnings(learnings: Learning[]): QuotedLearning[] {
  const ways = RESULT_TEXTS.map((max) => learnings.map((learning) => quoteLearning(learning, max)))
  const haveRoom = (quoted: QuotedLearning[]) => quoted.reduce((sum, { text }) => sum + text.length, 0) <= RESULT_CHARS
  return ways.find(haveRoom) ?? ways.at(-1)!
}

/** One line: the problem, the solution, and how often it has helped. `max`: characters of each quoted text. */
export function learningText(learning: Learning, max = SHORT): string {
  const { kind, problem, failed_approach, solution, context } = learning
  const about = context === '' ? '' : `; context ${quote(context, max)}`
  const told =
    kind === 'error'
      ? `error ${quote(problem, max)}; solution ${quote(solution, max)}${about}`
      : `objective ${quote(problem, max)}; did not work ${quote(failed_approach, max)}; worked ${quote(solution, max)}${about}`
  return `${told}; ${countsText(learning)}`
}

export function originText({ origin, draft, created_at }: Learning): string {
  const client = plain(origin.client, NAME) || 'an unnamed client'
  const how = {
    tool: `recorded by ${client}`,
    draft: `drawn from runs of ${client}`,
    import: `imported, from ${client}`,
  }[origin.via]
  const run = origin.run_id === null ? '' : `, run ${plain(origin.run_id, NAME)}`
  return `${how}${run}, ${new Date(created_at).toISOString().slice(0, 10)}${draft ? ', unreviewed draft' : ''}`
}

function countsText({ success_count, failure_count }: Learning): string {
  const uses = success_count + failure_count
  return uses === 0 ? 'not yet tried' : `helped ${success_count} of ${uses} times`
}

/** A name within a sentence of ours: one line, no quotation marks or brackets. */
function plain(name: string, max: number): string {
  return cut(
    clean(name)
      .replace(/[^\p{L}\p{N} ._/@-]+/gu, ' ')
      .replace(/\s+/g, ' ')
      .trim(),
    max,
  )
}
