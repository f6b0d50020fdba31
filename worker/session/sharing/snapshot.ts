/**
 * What a share link shows of a run: program, output, error and pictures, as they are when the link is made. What looks like a secret in a
 * text is hidden, and a picture whose name looks like a secret's stays away, name and all. Of a picture that has changed since, the name is
 * shown. No other file is shown.
 */
import * as z from 'zod'
import { pictureFacts } from '../../files/picture.ts'
import { holdsPrivateKey } from '../../files/secrets.ts'
import { MAX_PROGRAM_CHARS } from '../../learning/kept-run.ts'
import { redact } from '../../learning/secrets/redact.ts'
import { tellsSecret } from '../store/run-pictures.ts'
import type { FileSource, RunsCaller } from '../../mcp/caller.ts'
import { runReceipt } from '../../mcp/results/receipt.ts'
import type { ChangedSince } from '../store/changed-since.ts'

/** Pictures of one link, and the size of each; larger ones become smaller. */
const MAX_PICTURES = 8
const MAX_PICTURE_BYTES = 1024 * 1024
/** Characters of each text, so that all of them fit into one value. */
const MAX_TEXT_CHARS = 200_000

const status = z.enum(['success', 'error', 'timeout', 'cancelled', 'lost'])

export const sharedRun = z.object({
  status,
  description: z.string(),
  created_at: z.string(),
  wall_ms: z.number().nullable(),
  program: z.string().nullable(),
  stdout: z.string(),
  stderr: z.string(),
  /** Something of the program or the output is left out. */
  cut: z.boolean(),
  error: z.object({ type: z.string(), message: z.string(), line: z.number().nullable() }).nullable(),
  /** The files' own names, without their folders. */
  pictures: z.array(z.string()),
  /** Names of those that are the run's no more. */
  changed: z.array(z.string()).default([]),
})
export type SharedRun = z.infer<typeof sharedRun>

export interface Snapshot {
  run: SharedRun
  /** Content of each picture. */
  pictures: ArrayBuffer[]
}

export interface SnapshotSource
  extends Pick<RunsCaller, 'findRun' | 'runHistory'>, Pick<FileSource, 'readFile' | 'readPicture'> {
  /** The run's files that later runs reported. */
  changedSince: (runId: string) => ChangedSince[]
}

export function hasEnded(run: { status: string }): boolean {
  return status.safeParse(run.status).success
}

/** Null: there is no such run, or it has not ended. Files may be gone by now; then their pictures are left out. */
export async function takeSnapshot(source: SnapshotSource, runId: string): Promise<Snapshot | null> {
  const found = source.findRun(runId)
  const ended = status.safeParse(found?.status)
  if (found === null || !ended.success) return null
  const { description, created_at, program, program_chars, outcome } = runReceipt(found, source.runHistory(runId))
  const texts = [program ?? '', outcome?.stdout ?? '', outcome?.stderr ?? ''].map((text) => shown(text))
  const since = new Set(source.changedSince(runId).map(({ path }) => path))
  const { pictures, changed } = await picturesOf(source, outcome?.files ?? [], since)
  const error = outcome?.error ?? null
  return {
    run: {
      status: ended.data,
      description: redact(description),
      created_at,
      wall_ms: outcome?.usage?.wall_ms ?? null,
      program: program === null ? null : texts[0]!.text,
      stdout: texts[1]!.text,
      stderr: texts[2]!.text,
      cut: texts.some(({ isCut }) => isCut) || outcome?.cut === true || (program_chars ?? 0) > MAX_PROGRAM_CHARS,
      error: error && { type: redact(error.type), message: shown(error.message).text, line: error.line },
      pictures: pictures.map(({ name }) => name),
      changed,
    },
    pictures: pictures.map(({ body }) => body),
  }
}

/** A secret at the cut is recognised whole, as it is cut afterwards. */
function shown(text: string): { text: string; isCut: boolean } {
  if (holdsPrivateKey(text)) return { text: '(left out: it holds a private key)', isCut: true }
  const plain = redact(text)
  return { text: plain.slice(0, MAX_TEXT_CHARS), isCut: plain.length > MAX_TEXT_CHARS }
}

/** `since`: paths that later runs have changed. */
async function picturesOf(
  source: SnapshotSource,
  files: { path: string; kind: string; change: string; bytes: number | null }[],
  since: Set<string>,
): Promise<{ pictures: { name: string; body: ArrayBuffer }[]; changed: string[] }> {
  const made = files.filter(({ path, kind, change }) => kind === 'image' && change !== 'deleted' && !tellsSecret(path))
  const read = await Promise.all(
    made.slice(0, MAX_PICTURES).map(async ({ path, bytes }) => ({
      name: path.slice(path.lastIndexOf('/') + 1),
      body: since.has(path) ? 'changed' : await pictureAt(source, path, bytes),
    })),
  )
  return {
    pictures: read.flatMap(({ name, body }) => (body instanceof ArrayBuffer ? [{ name, body }] : [])),
    changed: read.flatMap(({ name, body }) => (body === 'changed' ? [name] : [])),
  }
}

/** The bytes of a picture of a type that browsers show; null when it is none. `bytes`: its size at the run's end. */
async function pictureAt(
  source: SnapshotSource,
  path: string,
  bytes: number | null,
): Promise<ArrayBuffer | 'changed' | null> {
  const file = await source.readFile(path, MAX_PICTURE_BYTES)
  if (file === null) return 'changed'
  const now = 'body' in file ? file.body.byteLength : file.bytes
  if (bytes !== null && now !== bytes) return 'changed'
  if ('body' in file) return isPicture(file.body) ? file.body : null
  const smaller = await source.readPicture(path, MAX_PICTURE_BYTES)
  return 'body' in smaller && isPicture(smaller.body) ? smaller.body : null
}

function isPicture(body: ArrayBuffer): boolean {
  return pictureFacts(new Uint8Array(body)) !== null
}
