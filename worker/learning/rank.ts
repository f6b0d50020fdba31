/** Order of learnings: by how well they match, how often they have helped, how old they are. */
import type { Learning } from './learning.ts'

/** A learning with facts that only the store has. */
export interface Candidate {
  learning: Learning
  /** Fingerprint of its error. */
  fingerprint: string | null
  /** Objective of the runs that it came from, trimmed and case-folded; empty = none. */
  objective: string
}

/** The failure of a run. */
export interface Failure {
  fingerprint: string | null
  /** `Type: message` */
  message: string
  objective: string
}

/** Most distinct words of a query that are looked at. */
export const MAX_TERMS = 12
/** Share of a learning's own words that an error must have for the learning to fit it without being the same error. */
const MIN_COVERAGE = 0.75
/** Success rate below which a learning is no longer offered by itself: five failures without a success. */
const MIN_SUCCESS_RATE = 0.15
/** Age since the last use or change after which a learning counts three quarters. Milliseconds. */
const HALF_AGE_MS = 180 * 24 * 3_600_000

/** Words in so many errors and notes that they tell nothing apart. */
const COMMON = new Set(
  `a an and are as at be but by can cannot could did do does during error errors exception failed failure file for from got had
  has have if in into is it its last line list most name no none not object of on or out recent string that the this to traceback
  type use used using value was when while will with you`
    .split(/\s+/)
    .map(stem),
)

/** The distinct words of a text, in order: letters and digits, without case and accents. */
export function termsOf(text: string, max = MAX_TERMS): string[] {
  const start = text.slice(0, 10_000)
  const words = isAscii(start)
    ? start.toLowerCase().match(/[a-z0-9]+/g)
    : start
        .normalize('NFKD')
        .replace(/\p{M}/gu, '')
        .toLowerCase()
        .match(/[\p{L}\p{N}]+/gu)
  return [...new Set(words)].filter((word) => word.length <= 60).slice(0, max)
}

/** Returns whether a text is ASCII. Most are: their words are found with far less work. */
function isAscii(text: string): boolean {
  return /^[\x20-\x7e\s]*$/.test(text)
}

/** The words of a text that tell an error from others, in the form of `termsOf`. */
export function tellingTerms(text: string, max = MAX_TERMS): string[] {
  return termsOf(text, 200)
    .filter((term) => term.length > 1 && !COMMON.has(stem(term)))
    .slice(0, max)
}

/** Matches of a search, best first. */
export function rankSearch(candidates: Candidate[], terms: string[], now: number): Learning[] {
  const fields = candidates.map(({ learning }) => [
    { weight: 1, stems: stemsOf(`${learning.problem} ${learning.tags.join(' ')}`) },
    { weight: 0.7, stems: stemsOf(`${learning.solution} ${learning.failed_approach}`) },
    { weight: 0.5, stems: stemsOf(learning.context) },
  ])
  const wanted = terms.map(stem)
  // A word in few candidates counts more than one in all of them.
  const rarity = wanted.map((term) => {
    const having = fields.filter((parts) => parts.some(({ stems }) => stems.has(term))).length
    return Math.log(1 + candidates.length / (1 + having))
  })
  const all = rarity.reduce((sum, weight) => sum + weight, 0)
  const text = (parts: (typeof fields)[number]) =>
    wanted.reduce((sum, term, index) => {
      const best = Math.max(0, ...parts.filter(({ stems }) => stems.has(term)).map(({ weight }) => weight))
      return sum + best * rarity[index]!
    }, 0) / (all || 1)
  return sorted(
    candidates.map(({ learning }, index) => ({ learning, score: (0.1 + text(fields[index]!)) * merit(learning, now) })),
  )
}

/** Learnings that fit a failure, best first. Success never makes a learning fit: it only moves those that do. */
export function rankFitting(candidates: Candidate[], failure: Failure, now: number): Learning[] {
  return sorted(
    candidates
      .filter(({ learning }) => successRate(learning) >= MIN_SUCCESS_RATE)
      .map((candidate) => ({ learning: candidate.learning, fit: fit(candidate, failure) }))
      .filter(({ fit }) => fit > 0)
      .map(({ learning, fit }) => ({ learning, score: fit * merit(learning, now) })),
  )
}

/** The learnings for a first look, without a question: the most helpful first. */
export function rankUseful(learnings: Learning[], now: number): Learning[] {
  return sorted(
    learnings.map((learning) => ({ learning, score: merit(learning, now) * Math.log2(2 + learning.success_count) })),
  )
}

/** Success rate by Laplace: an unused learning counts as one that works every other time. */
export function successRate({
  success_count,
  failure_count,
}: Pick<Learning, 'success_count' | 'failure_count'>): number {
  return (success_count + 1) / (success_count + failure_count + 2)
}

function merit(learning: Learning, now: number): number {
  const age = Math.max(0, now - Math.max(learning.updated_at, learning.used_at ?? 0))
  return successRate(learning) * (0.5 + 0.5 * 2 ** (-age / HALF_AGE_MS)) * (learning.draft ? 0.8 : 1)
}

/** Score of a learning for a failure; 0: does not fit. */
function fit({ learning, fingerprint, objective }: Candidate, failure: Failure): number {
  const sameObjective = objective !== '' && objective === failure.objective
  if (fingerprint !== null && fingerprint === failure.fingerprint) return sameObjective ? 4 : 3
  if (learning.kind === 'semantic') {
    if (sameObjective) return 2
    return failure.objective === '' ? 0 : similarity(learning.problem, failure.objective)
  }
  // A draft is about one error; when that has no fingerprint (a time-out), about one objective.
  if (learning.draft) return fingerprint === null && failure.fingerprint === null && sameObjective ? 2 : 0
  return coverage(learning.problem, failure.message)
}

/** Share of a recorded error that is in this one. */
function coverage(problem: string, message: string): number {
  const telling = tellingTerms(problem, 50)
  if (telling.length === 0) return 0
  const there = stemsOf(message)
  const share = telling.filter((term) => there.has(stem(term))).length / telling.length
  return share >= MIN_COVERAGE ? share : 0
}

function similarity(one: string, other: string): number {
  const [a, b] = [new Set(tellingTerms(one, 50).map(stem)), new Set(tellingTerms(other, 50).map(stem))]
  const shared = [...a].filter((term) => b.has(term)).length
  const share = shared / (a.size + b.size - shared || 1)
  return shared >= 2 && share >= 0.6 ? share : 0
}

function stemsOf(text: string): Set<string> {
  return new Set(termsOf(text, 2_000).map(stem))
}

/** The stem of a word: English endings only, and only roughly. The index has its own stemmer; this one scores what it has found. */
function stem(word: string): string {
  return word.length < 5 || !'sgdey'.includes(word.at(-1)!) ? word : word.replace(/(?:ies|ing|ed|es|e|s|y)$/, '')
}

function sorted(scored: { learning: Learning; score: number }[]): Learning[] {
  return scored
    .toSorted((a, b) => b.score - a.score || b.learning.created_at - a.learning.created_at)
    .map(({ learning }) => learning)
}
