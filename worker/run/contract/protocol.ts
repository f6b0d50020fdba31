/**
 * The wire contract with `container/runner`, as schemas of the prose and examples in `container/PROTOCOL.md`. Events are parsed here, at
 * the edge, because a program's output travels in them.
 */
import * as z from 'zod'
import { checkResult } from './check.ts'
import { programError } from './program-error.ts'

/** Upper bounds of one run, each with its unit. The same object, with the same defaults, is `container/runner/bounds/limits.py`. */
const runLimits = z.strictObject({
  memory_bytes: z.int().min(16 * 1024 ** 2),
  processes: z.int().min(1),
  open_files: z.int().min(16),
  file_bytes: z.int().min(0),
  output_bytes: z.int().min(1024),
  /** Everything that the workspace keeps on disk. */
  workspace_bytes: z.int().min(1024 ** 2),
})
type RunLimits = z.infer<typeof runLimits>

export const DEFAULT_LIMITS: RunLimits = {
  memory_bytes: 2 * 1024 ** 3,
  processes: 256,
  open_files: 1024,
  file_bytes: 1024 ** 3,
  output_bytes: 10 * 1024 ** 2,
  workspace_bytes: 4 * 1024 ** 3,
}

/** A file's content in a call: text, or bytes in base64. */
const fileContent = z.union([z.string(), z.strictObject({ base64: z.string() })])

/** Body of `POST /runs`. `timeout_s` counts from `started`; `orphan_grace_s` from the moment nobody reads the run's events. */
export const runRequest = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
  code: z.string(),
  files: z.record(z.string(), fileContent).optional(),
  stdin: z.string().optional(),
  timeout_s: z.number().min(0.1).max(900),
  orphan_grace_s: z.number().min(0).max(900),
  limits: runLimits.partial().optional(),
  env: z.record(z.string(), z.string()).optional(),
  /** Without it the value is shown when the program printed nothing and changed no file. */
  show_last: z.boolean().optional(),
  /** The user's lists, for packages that the program installs itself. */
  package_lists: z.strictObject({ allowed: z.array(z.string()), blocked: z.array(z.string()) }).optional(),
  /** The program is read first, and started only when it lacks nothing. */
  check: z.literal(true).optional(),
})
export type RunRequest = z.infer<typeof runRequest>

/** Most distributions that one installation reports, and characters of one; installers stay below both. */
const MAX_INSTALLED = 1_000
const MAX_INSTALLED_CHARS = 150

/** `name==version`, in ASCII: another character comes from no installer, and would not fit into a result. */
const installedName = z
  .string()
  .transform((name) => name.slice(0, MAX_INSTALLED_CHARS).replaceAll(/[^\x21-\x7e]/g, '?'))
const installedNames = z.array(installedName).transform((names) => names.slice(0, MAX_INSTALLED))

const path = z.string().max(4_096)

/** Paths of a run's files, as its tracebacks name them. */
export const runPaths = z.object({
  /** The program's own file. */
  main: path,
  /** The working folder. */
  files: path,
  /** Packages of the workspace, when there are any. */
  packages: path.nullable(),
  /** Code of the runner. */
  runner: path,
})
export type RunPaths = z.infer<typeof runPaths>

/** Time at which the runner had an event: milliseconds since 1970. Runners of older versions do not say it. */
const at = z.int().optional()
const started = z.object({ n: z.int(), at, type: z.literal('started'), pid: z.int(), paths: runPaths.optional() })
const output = z.object({
  n: z.int(),
  at,
  type: z.enum(['stdout', 'stderr']),
  text: z.string(),
  /** Bytes of this stream that were dropped just before this text. */
  skipped: z.int().optional(),
})
export const fileChange = z.object({
  n: z.int(),
  type: z.literal('file'),
  path: z.string(),
  change: z.enum(['created', 'changed', 'deleted']),
  bytes: z.int().nullable(),
  mime: z.string().max(255).nullable(),
  shared: z.literal(true).optional().describe('Another run was live when it was changed, and may have done it.'),
})
/** Use at a moment. `ms`: since the program's start; `cpu_ms`: of all processes until then; `memory_bytes`: the most since the sample before. */
const usageSample = z.object({ ms: z.int(), cpu_ms: z.int(), memory_bytes: z.int(), processes: z.int() })
const samples = z.object({ n: z.int(), type: z.literal('usage'), samples: z.array(usageSample).max(100) })
export const usage = z.object({ wall_ms: z.number(), cpu_ms: z.number(), max_rss_bytes: z.number() })
export const left = z.array(z.object({ name: z.string().max(120), port: z.int().nullable() })).max(20)
const exit = z.object({
  n: z.int(),
  type: z.literal('exit'),
  /** `lost`: the runner ended, and cut it off. */
  status: z.enum(['success', 'error', 'timeout', 'cancelled', 'lost']),
  exit_code: z.int().nullable(),
  signal: z.string().nullable(),
  error: programError.optional(),
  usage,
  /** Exact raw counts, dropped bytes included. */
  bytes: z.object({ stdout: z.int(), stderr: z.int() }),
  cut: z.boolean(),
  files_cut: z.boolean().optional(),
  /** Distributions that the program installed itself, with `pip install`. */
  installed: installedNames.optional(),
  /** Servers and daemons that outlived the program, and were ended with it. */
  left: left.optional(),
  /** Set when a program that failed had opened a connection, or sent something, over the network. */
  connected: z.literal(true).optional(),
  /** Set when the workspace holds more than its quota, or did when the run began: then the program could write no files. */
  over_quota: z.object({ bytes: z.int(), limit_bytes: z.int(), at_start: z.boolean() }).optional(),
})
const heartbeat = z.object({ type: z.literal('heartbeat') })

/** One line of a run's event stream. `exit` comes once, and last. A stream that ends without it says that the run is lost. */
export const runEvent = z.discriminatedUnion('type', [started, output, samples, fileChange, exit, heartbeat])
export type RunEvent = z.infer<typeof runEvent>
export type ExitEvent = z.infer<typeof exit>

/** The first line of the stream of a run with `check`; the last one, too, when the program is not started. */
const checked = z.object({ type: z.literal('checked'), starts: z.boolean(), check: checkResult })
export type CheckedEvent = z.infer<typeof checked>

/** One line of such a stream. */
export const checkedRunEvent = z.discriminatedUnion('type', [...runEvent.options, checked])

const isKnown = (type: string) => checkedRunEvent.options.some(({ shape }) => shape.type.safeParse(type).success)

/** An event that only a later version knows: while a deployment goes on a runner may be newer than its Worker. It says nothing here. */
const laterEvent = z
  .object({ type: z.string().refine((type) => !isKnown(type)) })
  .transform(() => ({ type: 'heartbeat' as const }))

/** Lines as the runner sends them. */
export const sentRunEvent = z.union([runEvent, laterEvent])
export const sentCheckedRunEvent = z.union([checkedRunEvent, laterEvent])

/** One line of an installation's stream. `done` comes exactly once, last. `installed`: `name==version`. */
export const installEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('output'), text: z.string() }),
  heartbeat,
  z.object({
    type: z.literal('done'),
    status: z.enum(['success', 'error']),
    installed: installedNames,
    message: z.string().max(2_000).nullable(),
  }),
])
export type InstallEvent = z.infer<typeof installEvent>

/** Disk use of a workspace; `at_least` when not everything could be looked at. */
export const use = z.object({ bytes: z.int(), at_least: z.boolean() })
export type WorkspaceUse = z.infer<typeof use>

export const health = z.object({
  ok: z.literal(true),
  version: z.string(),
  python: z.string(),
  pip: z.string().nullable(),
  uv: z.string().nullable(),
  os: z.string(),
  platform: z.string(),
  workspace: z.string(),
  packages: z.array(z.string()),
  limits: runLimits.extend({ timeout_s: z.number() }),
  use,
  isolation: z.record(z.string(), z.boolean()),
  start: z.object({ mode: z.string(), bare: z.string(), full: z.string() }),
  live_runs: z.int(),
  live_installs: z.int(),
  /** Set when it has been told to end: it takes nothing new, and goes when nothing lives in it and everything is fetched. */
  leaving: z.boolean().optional(),
  /** Set when the working folder was there before: it is the user's own. */
  files_given: z.boolean().optional(),
  /** The home of the user that programs run as, when that is the runner's user; null where they have a user of their own. */
  user_home: z.string().nullable().optional(),
  /** Commands that programs find, of those worth knowing. */
  commands: z.array(z.string().max(40)).max(50).optional(),
  /** The kind of browser, if there is one. */
  browser: z.string().max(40).nullable().optional(),
  /** Hosts of the package index, as the image's build found them; a local runner does not know. */
  package_hosts: z.array(z.string().max(253)).max(100),
})
export type Health = z.infer<typeof health>

/** Reasons why the runner refuses a request. */
export const REFUSAL_CODES = [
  ...(['unauthorized', 'forbidden', 'not_found', 'method_not_allowed', 'conflict', 'too_large', 'no_picture'] as const),
  ...(['leaving', 'quota', 'bad_request', 'busy', 'not_started', 'internal'] as const),
] as const
export type RefusalCode = (typeof REFUSAL_CODES)[number]

/** `code` may be of another version, or the sandbox object's: `errors.ts` tells them apart. */
export const errorAnswer = z.object({ error: z.object({ code: z.string(), message: z.string() }) })
