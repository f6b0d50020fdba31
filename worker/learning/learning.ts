/** A learning: a note of how a failure was solved, its author, and how often it has helped since. */
import * as z from 'zod'
import { storedTime } from '../stored.ts'
import { clean, cut } from '../text/clean.ts'
import { redact } from './secrets/redact.ts'

/** Longest texts, in UTF-16 code units, and the number of tags. */
export const LIMITS = {
  problem: 2_000,
  failed_approach: 4_000,
  solution: 4_000,
  context: 4_000,
  tags: 10,
  tag: 40,
  client: 100,
} as const

/** Longest text of a search, in characters. */
export const MAX_SEARCH_CHARS = 1_000

/** Most learnings of one user. Beyond it unused drafts go first, then used ones; learnings that were recorded on purpose stay. */
export const MAX_LEARNINGS = 100_000

/** `error`: a program failed. `semantic`: it ran, but did not do the job. */
export const learningKind = z.enum(['error', 'semantic'])
export type LearningKind = z.infer<typeof learningKind>

const TEXTS = {
  problem: z.string().max(LIMITS.problem).describe('The error (kind error) or the objective (kind semantic).'),
  failed_approach: z.string().max(LIMITS.failed_approach).describe('Empty for kind error.'),
  solution: z.string().max(LIMITS.solution).describe('What solved it.'),
  context: z.string().max(LIMITS.context),
  tags: z.array(z.string().max(LIMITS.tag)).max(LIMITS.tags),
}

const origin = z.object({
  via: z.enum(['tool', 'draft', 'import']),
  /** The name of the MCP client, as it gave it. */
  client: z.string().max(LIMITS.client),
  run_id: z.string().max(100).nullable(),
})
export type Origin = z.infer<typeof origin>

export const learningId = z.string().regex(/^l_[0-9a-f]{16}$/)

export const learning = z.object({
  id: learningId,
  kind: learningKind,
  ...TEXTS,
  origin,
  /** Set when it was derived from runs and nobody has looked at it. */
  draft: z.boolean(),
  success_count: z.int().min(0),
  failure_count: z.int().min(0),
  /** Milliseconds since 1970. `used_at`: the last time a run moved a count. */
  created_at: storedTime,
  updated_at: storedTime,
  used_at: storedTime.nullable(),
})
export type Learning = z.infer<typeof learning>

export type LearningTexts = Pick<Learning, keyof typeof TEXTS>
export type NewLearning = LearningTexts & Pick<Learning, 'kind'>

/** Fields of a learning that may be changed. */
export const learningChange = z.strictObject({ ...TEXTS, draft: z.boolean() }).partial()
export type LearningChange = z.infer<typeof learningChange>

/** A refusal of a learning, for want of room or as it lacks something. The message has the next step. */
export class LearningRefused extends Error {
  override readonly name = 'LearningRefused'
}

/** The texts as they are stored: nothing invisible, no secrets, within the limits. */
export function storable(texts: LearningTexts): LearningTexts {
  return {
    problem: storableText(texts.problem, LIMITS.problem),
    failed_approach: storableText(texts.failed_approach, LIMITS.failed_approach),
    solution: storableText(texts.solution, LIMITS.solution),
    context: storableText(texts.context, LIMITS.context),
    tags: storableTags(texts.tags),
  }
}

/** A comma list as tags. */
export function tagsOf(list: string): string[] {
  return storableTags(list.split(','))
}

/** The missing part of a learning that could help anybody, or null. */
export function whatIsMissing({ kind, problem, failed_approach, solution }: NewLearning): string | null {
  if (problem.trim() === '') return kind === 'error' ? 'the error' : 'the objective'
  if (kind === 'semantic' && failed_approach.trim() === '') return 'the approach that failed'
  return solution.trim() === '' ? 'the solution' : null
}

export function storableText(text: string, max: number): string {
  // A secret at the cut is still recognised whole; text far beyond the limit is not worth reading.
  return cut(redact(clean(upTo(text, 2 * max))).trim(), max)
}

/** The beginning of a text without a torn word at its end: half a secret has no form. */
export function upTo(text: string, max: number): string {
  if (text.length <= max) return text
  const end = Math.max(text.lastIndexOf(' ', max), text.lastIndexOf('\n', max))
  // Text of that length is no word.
  return text.slice(0, end > max / 2 ? end : max)
}

function storableTags(tags: string[]): string[] {
  const kept = tags.slice(0, 10 * LIMITS.tags).map((tag) => storableText(tag, LIMITS.tag).toLowerCase())
  return [...new Set(kept.map((tag) => tag.replace(/\s+/g, ' ')).filter((tag) => tag !== ''))].slice(0, LIMITS.tags)
}
