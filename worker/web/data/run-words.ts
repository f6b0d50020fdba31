/** A run's state and length in words: on the pages, and in the view inside chats. */
import type { Status } from './run-data.ts'

/** In words and with a sign of its own: a colour alone says nothing to some. */
export const STATUS_WORDS: Record<Status, [sign: string, words: string]> = {
  queued: ['…', 'waiting'],
  running: ['▶', 'running'],
  success: ['✓', 'succeeded'],
  error: ['✗', 'failed'],
  timeout: ['⏱', 'timed out'],
  cancelled: ['■', 'stopped'],
  lost: ['?', 'lost'],
}

/** `0.12 s`, `14.2 s`, `3 min 20 s`. */
export function duration(ms: number): string {
  const s = ms / 1000
  if (s < 60) return `${s < 10 ? s.toFixed(2) : s.toFixed(1)} s`
  return `${Math.floor(s / 60)} min ${Math.round(s % 60)} s`
}

/** What became of a file after its run. */
export const BECAME = { deleted: 'deleted since', changed: 'changed since: the link shows how it is now' }
