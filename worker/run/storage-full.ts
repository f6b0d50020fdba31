/** A database without room: how it is known, and what is said. */

/** Why nothing more can be stored for a user, and what to do. */
export const STORAGE_FULL =
  'The storage of this server is full: nothing can be saved, while reading and deleting still work. Next: make room on the disk of the machine that the server runs on, or delete learnings (GET /learnings/export first, then DELETE /learnings/{id}).'

/** The database has no room. */
export class StorageFull extends Error {
  override readonly name = 'StorageFull'

  constructor(cause: unknown) {
    super(STORAGE_FULL, { cause })
  }
}

/** Whether an error says that the database has no room, in its words or in ours. */
export function isStorageFull(error: unknown): boolean {
  return error instanceof StorageFull || /SQLITE_FULL|database or disk is full/.test(String(error))
}

/** Of a run whose end could not be stored. */
export function notStoredWords(error: unknown): string {
  return isStorageFull(error)
    ? 'This result is not saved: the storage of the server is full. Next: keep what you need of it, and make room on the disk of the machine that the server runs on.'
    : 'This result could not be saved by the server. Next: keep what you need of it.'
}
