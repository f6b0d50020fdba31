/** Random keys of the session's own, made when they are first asked for. They never leave the session object. */
import type { Sql } from './sql.ts'

/** The key of this name, of `bytes` bytes. */
export function secretKey(sql: Sql, name: string, bytes: number): Uint8Array<ArrayBuffer> {
  const fresh = Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString('base64url')
  sql('INSERT INTO keys (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING', name, fresh)
  const [row] = sql('SELECT value FROM keys WHERE name = ?', name)
  return new Uint8Array(Buffer.from(String(row?.['value']), 'base64url'))
}
