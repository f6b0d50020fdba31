/** Pictures that runs made, by their paths: what a list shows of them before anybody opens a run. */
import * as z from 'zod'
import { isSecretPath } from '../../files/secrets.ts'
import { redact } from '../../learning/secrets/redact.ts'
import type { RunOutcome } from '../../run/contract/outcome.ts'
import { orElse, readStoredJson } from '../../stored.ts'
import type { Sql, SqlValue } from './sql.ts'

const MAX_PICTURES = 3
/** Largest picture that is shown small: a browser reads it whole. */
export const MAX_PICTURE_BYTES = 2_000_000
const MAX_PATH_CHARS = 500

const stored = z.array(z.string()).max(MAX_PICTURES)

/**
 * Notes the pictures of a run that has ended. Those that another live run may have made are left out. A picture that it changed is no
 * longer that of the run before.
 */
export function notePictures(sql: Sql, id: string, { files }: Pick<RunOutcome, 'files'>): void {
  forgetPictures(
    sql,
    files.map(({ path }) => path),
  )
  const paths = files
    .filter(
      ({ kind, change, bytes, shared }) =>
        kind === 'image' && change !== 'deleted' && shared !== true && (bytes ?? Infinity) <= MAX_PICTURE_BYTES,
    )
    .map(({ path }) => path)
    .filter((path) => path.length <= MAX_PATH_CHARS && !tellsSecret(path))
  if (paths.length === 0) return
  const kept = JSON.stringify(paths.slice(0, MAX_PICTURES))
  sql('INSERT OR REPLACE INTO run_pictures (run_id, paths) VALUES (?, ?)', id, kept)
}

/** Returns whether a path is that of a secret, or holds one itself: it is shown to nobody. */
export function tellsSecret(path: string): boolean {
  return isSecretPath(path) || redact(path) !== path
}

/** Notes that what is at these paths is no picture of an earlier run any more. */
export function forgetPictures(sql: Sql, paths: string[]): void {
  if (paths.length === 0) return
  const changed = JSON.stringify(paths)
  sql(
    `UPDATE run_pictures
      SET paths = (SELECT json_group_array(value) FROM json_each(paths) WHERE value NOT IN (SELECT value FROM json_each(?1)))
      WHERE CASE WHEN json_valid(paths) THEN
        EXISTS (SELECT 1 FROM json_each(paths) WHERE value IN (SELECT value FROM json_each(?1))) END`,
    changed,
  )
  sql(`DELETE FROM run_pictures WHERE paths = '[]'`)
}

/** The paths in a row of the list; none for a run without pictures. */
export function picturesIn(paths: SqlValue | undefined): string[] {
  return orElse(readStoredJson(stored, paths), [])
}
