/** State of a workspace, and its room, in words. */
import { sizeWords } from '../../text/byte-words.ts'
import type { ExitEvent, WorkspaceUse } from '../contract/protocol.ts'
import type { Unsaved, WorkspaceNews } from '../contract/runner.ts'

const UNSAVED_WORDS: Record<Unsaved, string> = {
  too_large:
    'Files and packages are too large, or too many, to be saved, so the last changes are gone when the sandbox sleeps. Next: delete what is not needed, and fetch what you need now.',
  failed:
    'The last changes of files and packages could not be saved yet, which is tried again; until then they are gone if the sandbox ends.',
}

const EMPTIED =
  'This is a new sandbox, and the one before ended before anything in it had been saved: its files and packages are gone.'

/** Notes on the workspace's fate before a run. */
export function workspaceNotes({ restored_from, emptied, unsaved }: WorkspaceNews): string[] {
  const notes = unsaved === null ? [] : [UNSAVED_WORDS[unsaved]]
  if (restored_from !== null) return [restoredWords(restored_from), ...notes]
  return emptied ? [EMPTIED, ...notes] : notes
}

/** Words on a workspace that was restored from a backup of this time (ISO 8601, UTC). */
export function restoredWords(time: string): string {
  const when = time.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')
  return `This is a new sandbox: files and packages were restored as they had been saved at ${when}. Temporary files, and what was changed later, are gone.`
}

/** `1.5 GiB of 4 GiB`; in bytes where rounding would make them equal. */
export function useWords({ bytes, at_least }: WorkspaceUse, limit: number): string {
  const exact = sizeWords(bytes) === sizeWords(limit) && bytes !== limit
  const [held, most] = exact ? [`${bytes} bytes`, `${limit} bytes`] : [sizeWords(bytes), sizeWords(limit)]
  return `${at_least ? 'at least ' : ''}${held} of ${most}`
}

/** Effects of a full workspace on programs, and the ways to make room. */
export const FULL_WORKSPACE =
  'programs can read and delete, but write no files. Next: delete with a program what is not needed, or empty the workspace with configure (action "reset", key "workspace", value "yes")'

/** Words on a workspace that has no room, or had none when the program started. */
export function quotaHint({ bytes, limit_bytes }: NonNullable<ExitEvent['over_quota']>): string {
  const held = useWords({ bytes, at_least: false }, limit_bytes)
  return bytes > limit_bytes
    ? `The workspace is full: files, packages, temporary files and caches take ${held}, so ${FULL_WORKSPACE}.`
    : `The workspace was full when the program started, so it could write no files; now there is room (${held}). Next: call again if it was to write any.`
}
