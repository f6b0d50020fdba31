/** Days in the query of an address, in a time zone: the reader's own, whose days begin at other moments than those of UTC. */
import * as z from 'zod'
import { timeZoneName } from '../../settings/time-zone.ts'
import { BadRequest } from './body.ts'

const NO_DAY = 'it is no day. Next: give one such as "2026-11-28", or leave it out.'
const NO_ZONE = 'there is no such time zone. Next: give one such as "Europe/Berlin", or leave it out for UTC.'
const MAX_ZONE_CHARS = 100
const DAY_MS = 24 * 60 * 60 * 1000
/** Longer than a zone's time differs from UTC. Milliseconds. */
const FARTHEST_MS = 15 * 60 * 60 * 1000

/** Days from 1970 to 2999: others are written in other lengths. */
const WRITTEN = /^(?:19[7-9]\d|2\d{3})-\d\d-\d\d$/
const day = z.string().refine((text) => WRITTEN.test(text) && dayOf(Date.parse(`${text}T00:00:00Z`)) === text, NO_DAY)

/** The first and the last day of what is asked for. */
export const daysQuery = {
  from: day.optional(),
  to: day.optional(),
  time_zone: z
    .string()
    .refine((text) => text.length <= MAX_ZONE_CHARS && timeZoneName(text) !== null, NO_ZONE)
    .optional(),
}

interface Days {
  from?: string | undefined
  to?: string | undefined
  time_zone?: string | undefined
}

/** The moments between which these days lie: from `since`, and before `until`. Milliseconds since 1970. Throws BadRequest. */
export function momentsOf({ from, to, time_zone = 'UTC' }: Days): { since?: number; until?: number } {
  if (from !== undefined && to !== undefined && from > to)
    throw new BadRequest(400, 'The query is not valid: "from" is after "to". Next: give the earlier day as "from".')
  return {
    ...(from !== undefined && { since: beginOf(from, time_zone) }),
    ...(to !== undefined && { until: beginOf(dayOf(Date.parse(`${to}T00:00:00Z`) + DAY_MS), time_zone) }),
  }
}

/** The first moment of a day, also where clocks are moved at midnight: no arithmetic with the zone's difference finds that one. */
function beginOf(text: string, timeZone: string): number {
  // Swedish dates are written as ours.
  const format = new Intl.DateTimeFormat('sv', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
  const utc = Date.parse(`${text}T00:00:00Z`)
  let [before, at] = [utc - FARTHEST_MS, utc + FARTHEST_MS]
  while (at - before > 1) {
    const middle = Math.floor((before + at) / 2)
    if (format.format(middle) < text) before = middle
    else at = middle
  }
  return at
}

function dayOf(time: number): string {
  return Number.isNaN(time) ? '' : new Date(time).toISOString().slice(0, 10)
}
