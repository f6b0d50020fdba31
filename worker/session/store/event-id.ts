/**
 * Position of a step in its run: the runner's number of the event, and for the platform's own steps a count after it. A step has the same
 * id in every life of the session object, in memory, in the kept log and in the runner's own, so a reader can go on anywhere.
 */
import type { RunStep } from '../../run/contract/step.ts'

export interface EventId {
  /** 2 when a late installation has let the program start again, otherwise 1. */
  readonly attempt: number
  /** The runner's number of the last event of this attempt; 0 before the first. */
  readonly n: number
  /** Number of the platform's steps since then. */
  readonly extra: number
}

/** Position before the first step. */
export const BEGINNING: EventId = { attempt: 1, n: 0, extra: 0 }

export function idAfter(last: EventId, step: RunStep): EventId {
  if (!('n' in step)) return { ...last, extra: last.extra + 1 }
  const attempt = step.type === 'started' && last.n > 0 ? last.attempt + 1 : last.attempt
  return { attempt, n: step.n, extra: 0 }
}

export function isAfter(a: EventId, b: EventId): boolean {
  return (a.attempt - b.attempt || a.n - b.n || a.extra - b.extra) > 0
}

/** Returns whether nothing can lie between them. */
export function follows(id: EventId, last: EventId): boolean {
  if (id.attempt !== last.attempt) return false
  return id.extra === 0 ? id.n === last.n + 1 : id.n === last.n && id.extra === last.extra + 1
}

/** `1.42.0` */
export function eventIdText({ attempt, n, extra }: EventId): string {
  return `${attempt}.${n}.${extra}`
}

/** The id in a text, or null. */
export function parseEventId(text: string): EventId | null {
  const [, attempt, n, extra] = /^(\d{1,2})\.(\d{1,15})\.(\d{1,15})$/.exec(text) ?? []
  return attempt === undefined ? null : { attempt: Number(attempt), n: Number(n), extra: Number(extra) }
}
