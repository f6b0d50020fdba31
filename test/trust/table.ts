/** The figures of a report, as a text. */
import type { Violation } from './history.ts'
import type { Report } from './trust.ts'

const COUNTED: Violation['kind'][] = [
  'lost',
  'duplicated',
  'wrong receipt',
  'unanswered',
  'foreign',
  'database',
  'left behind',
  'start',
]

export function tableOf({ seed, seconds, kills, leftOut, starts, databases, calls, violations }: Report): string {
  const killed = [...kills.values()].reduce((sum, count) => sum + count, 0)
  const answered = calls.filter(({ end }) => end?.how === 'acknowledged' || end?.how === 'refused')
  const slowest = answered.toSorted((a, b) => b.end!.at - b.began - (a.end!.at - a.began))[0]
  const rows: [string, string | number][] = [
    ['seed', seed],
    ['seconds', seconds],
    ['kills', killed],
    ...[...kills]
      .toSorted(([a], [b]) => a.localeCompare(b))
      .map(([what, count]): [string, number] => [`  ${what}`, count]),
    ['kills left out, as there was no such process', leftOut],
    ['starts of the server', starts],
    ['databases', databases],
    ['calls', calls.length],
    ...(['run', 'learning', 'setting', 'upload', 'read'] as const).map((kind): [string, string] => {
      const own = calls.filter((call) => call.kind === kind)
      const ends = Object.entries(Object.groupBy(own, ({ end }) => end?.how ?? 'client killed'))
      return [`  ${kind}`, ends.map(([how, those]) => `${those.length} ${how}`).join(', ')]
    }),
    [
      'slowest answer',
      slowest ? `${((slowest.end!.at - slowest.began) / 1000).toFixed(1)} s (${slowest.kind})` : 'none',
    ],
    ...COUNTED.map((kind): [string, number] => [kind, violations.filter((one) => one.kind === kind).length]),
  ]
  const width = Math.max(...rows.map(([what]) => what.length))
  return rows.map(([what, value]) => `${what.padEnd(width)}  ${value}`).join('\n')
}
