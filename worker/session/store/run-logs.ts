/**
 * The kept log of an ended run: its head and its tail, as JSON lines in rows of some 64 KiB. The outcome itself is in the run's row; only
 * its place is here.
 */
import * as z from 'zod'
import { runEvent } from '../../run/contract/protocol.ts'
import { readStoredJson, UNREADABLE } from '../../stored.ts'
import { BEGINNING, type EventId, eventIdText, parseEventId } from './event-id.ts'
import type { ReadStep } from '../../run/contract/readable-run.ts'
import { textOf } from './columns.ts'
import type { Sql } from './sql.ts'

/** Most characters of a log, in memory and in the database. */
export const KEPT_CHARS = 1024 * 1024

/** `id`: of the step; of `missed`, of the last step before the gap. */
export interface NumberedItem {
  id: EventId
  item: ReadStep
}

const ROW_CHARS = 64 * 1024

/** `outcome`: only its place. */
export type KeptItem = { id: EventId; item: NumberedItem['item'] | { type: 'outcome' } }

const keptItem = z.union([
  z.discriminatedUnion('type', [
    z.object({ type: z.enum(['status', 'install']), text: z.string(), at: z.int().optional() }),
    z.object({ type: z.literal('missed'), chars: z.int(), lines: z.int().optional() }),
    z.object({ type: z.literal('outcome') }),
  ]),
  runEvent,
])
const line = z.tuple([
  z
    .string()
    .transform((text) => parseEventId(text))
    .pipe(z.custom<EventId>((id) => id !== null)),
  keptItem,
])

/** Stores the kept part of a log, in the caller's transaction. */
export function insertRunLog(sql: Sql, runId: string, items: readonly KeptItem[]): void {
  let seq = 0
  let row = ''
  const flush = () => {
    if (row !== '') sql('INSERT INTO run_logs (run_id, seq, lines) VALUES (?, ?, ?)', runId, seq++, row)
    row = ''
  }
  for (const text of boundedLines(items)) {
    row += text
    if (row.length >= ROW_CHARS) flush()
  }
  flush()
}

/**
 * The log of an ended run, read row by row as the caller goes on; empty when there is none. Unreadable parts count as missed; the rows come
 * in the order in which they were stored, whatever their numbers have become.
 */
export function* readRunLog(sql: Sql, runId: string): Generator<KeptItem> {
  let last = BEGINNING
  for (let row = -1; ;) {
    const [next] = sql(
      'SELECT rowid AS row, lines FROM run_logs WHERE run_id = ? AND rowid > ? ORDER BY rowid LIMIT 1',
      runId,
      row,
    )
    if (next === undefined) return
    row = Number(next['row'])
    const lines = textOf(next['lines'])
    if (lines === '') yield { id: last, item: { type: 'missed', chars: 0 } }
    for (const text of lines.split('\n')) {
      if (text === '') continue
      const read = readStoredJson(line, text)
      if (read === UNREADABLE) {
        yield { id: last, item: { type: 'missed', chars: text.length } }
        continue
      }
      const [id, item] = read
      last = id
      yield { id, item }
    }
  }
}

/** Head and tail within the limit, as JSON lines; between them the number of missing characters of text. */
export function boundedLines(items: readonly KeptItem[], limit = KEPT_CHARS): string[] {
  const lines = items.map(({ id, item }) => `${JSON.stringify([eventIdText(id), item])}\n`)
  const head = fitting(lines, limit / 2)
  const tail = lines.length - fitting(lines.slice(head).toReversed(), limit / 2)
  const missing = items.slice(head, tail)
  if (missing.length === 0) return lines
  const chars = missing.reduce(
    (sum, { item }) => sum + ('chars' in item ? item.chars : 'text' in item ? item.text.length : 0),
    0,
  )
  const ended = missing.reduce((sum, { item }) => sum + lineEnds(item), 0)
  const id = items[head - 1]?.id ?? BEGINNING
  const gap = `${JSON.stringify([eventIdText(id), { type: 'missed', chars, lines: ended }])}\n`
  return [...lines.slice(0, head), gap, ...lines.slice(tail)]
}

/** Number of the lines that a step of output ends. */
export function lineEnds(item: KeptItem['item']): number {
  if (item.type === 'missed') return item.lines ?? 0
  if (item.type !== 'stdout' && item.type !== 'stderr') return 0
  let ends = 0
  for (let at = item.text.indexOf('\n'); at >= 0; at = item.text.indexOf('\n', at + 1)) ends++
  return ends
}

/** Number of first lines that have room. */
function fitting(lines: readonly string[], room: number): number {
  const over = lines.findIndex((text) => (room -= text.length) < 0)
  return over < 0 ? lines.length : over
}
