/** Random keys of the session's own, made when they are first asked for. They never leave the session object. */
import { textOf } from './columns.ts'
import type { Sql } from './sql.ts'

/** The key of this name, of `bytes` bytes. A key that cannot be read is replaced: its signatures hold no more. */
export function secretKey(sql: Sql, name: string, bytes: number): Uint8Array<ArrayBuffer> {
  const [row] = sql('SELECT value FROM keys WHERE name = ?', name)
  const kept = new Uint8Array(Buffer.from(textOf(row?.['value']), 'base64url'))
  if (kept.length === bytes) return kept
  const fresh = crypto.getRandomValues(new Uint8Array(bytes))
  sql(
    'INSERT INTO keys (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
    name,
    Buffer.from(fresh).toString('base64url'),
  )
  return fresh
}
