/** The part of the wire contract with `container/runner` that is about files and packages: see `protocol.ts`. */
import * as z from 'zod'
import { use } from './protocol.ts'

/** A file below the workspace's files, as a listing shows it. */
const fileEntry = z.object({
  path: z.string(),
  bytes: z.int(),
  modified: z.string(),
  mime: z.string(),
})
/** What the runner has of a file that comes in pieces. */
export const uploadState = z.object({
  path: z.string(),
  upload: z.string(),
  /** Of the whole file. */
  bytes: z.int(),
  received: z.int(),
  /** Set when the file stands under its name. */
  done: z.boolean(),
})
export type UploadState = z.infer<typeof uploadState>

export const fileList = z.object({
  files: z.array(fileEntry),
  cut: z.boolean(),
  /** Those that wait for their next piece. */
  uploads: z.array(uploadState.extend({ modified: z.string() })).default([]),
  use,
})

const packageThere = z.object({
  name: z.string(),
  version: z.string(),
  /** The workspace's; else it belongs to the interpreter. */
  own: z.boolean(),
  /** Normal names. */
  requires: z.array(z.string()),
  /** As its installer has recorded; null where nobody has. */
  bytes: z.int().nullable(),
})
export const packageList = z.object({ packages: z.array(packageThere), cut: z.boolean() })
export type PackageList = z.infer<typeof packageList>
export const removedPackage = z.object({ removed: z.string() })

export const deletedFolder = z.object({ path: z.string(), files: z.int() })

/** Number of files and packages that an emptied workspace had. */
export const emptied = z.object({ files: z.int(), packages: z.int() })
