/** What the pages show of runs, as the session's `/runs` answers. What they do not show is not looked at. */
import * as z from 'zod'

const status = z.enum(['queued', 'running', 'success', 'error', 'timeout', 'cancelled', 'lost'])
export type Status = z.infer<typeof status>

const listedRun = z.object({
  run_id: z.string(),
  status,
  description: z.string(),
  program_line: z.string(),
  output_line: z.string(),
  error: z.object({ type: z.string(), message: z.string() }).nullable(),
  client: z.string().nullable(),
  tool: z.string().nullable(),
  created_at: z.string(),
  started_at: z.string().nullable(),
  wall_ms: z.number().nullable(),
  pictures: z.array(z.string()).default([]),
})
export type ListedRun = z.infer<typeof listedRun>

export const runPage = z.object({ runs: z.array(listedRun), next: z.string().nullable() })
export type RunPage = z.infer<typeof runPage>

const outcome = z.object({
  exit_code: z.number().nullable(),
  signal: z.string().nullable(),
  executor: z.string(),
  stdout: z.string(),
  stderr: z.string(),
  cut: z.boolean(),
  bytes: z.object({ stdout: z.number(), stderr: z.number() }),
  error: z
    .object({ type: z.string(), message: z.string(), line: z.number().nullable(), frame: z.string().nullable() })
    .nullable(),
  hints: z.array(z.string()),
  learnings: z.array(z.object({ id: z.string(), text: z.string(), origin: z.string() })),
  installed_packages: z.array(z.string()),
  files: z.array(
    z.object({
      path: z.string(),
      change: z.enum(['created', 'changed', 'deleted']),
      bytes: z.number().nullable(),
      mime: z.string().nullable(),
      kind: z.enum(['image', 'text', 'resource']),
      shared: z.boolean().default(false),
    }),
  ),
  omitted: z.array(z.object({ path: z.string(), reason: z.string() })),
  refused_hosts: z.array(z.object({ host: z.string() })).default([]),
  usage: z.object({ wall_ms: z.number(), cpu_ms: z.number(), max_rss_bytes: z.number() }).nullable(),
})
export type Outcome = z.infer<typeof outcome>

export const receipt = z.object({
  run_id: z.string(),
  status,
  description: z.string(),
  created_at: z.string(),
  started_at: z.string().nullable(),
  ended_at: z.string().nullable(),
  client: z.string().nullable(),
  tool: z.string().nullable(),
  program: z.string().nullable(),
  program_chars: z.number().nullable(),
  outcome: outcome.nullable(),
  changed_since: z.array(z.object({ path: z.string(), change: z.string() })).default([]),
})
export type Receipt = z.infer<typeof receipt>
