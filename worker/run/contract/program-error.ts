/** The end of a program, as the runner tells it. */
import * as z from 'zod'

/**
 * The end of a program: an exception's class, or `MemoryLimit`, `ProcessLimit`, `WorkspaceQuota`, `Timeout`, `Signal`. `frame`: up to five
 * source lines.
 */
export const programError = z.object({
  // The runner counts characters; one beyond Unicode's first plane is two of ours.
  type: z.string().max(400),
  message: z.string().max(4_000),
  line: z.int().min(1).nullable(),
  frame: z.string().max(8_000).nullable(),
  /** The module that a ModuleNotFoundError names. */
  module: z.string().max(400).optional(),
  /** Further facts, such as the limit that it met; PROTOCOL.md has the list. Texts may be a program's. */
  facts: z
    .record(z.string().max(30), z.union([z.string().max(6_000), z.int(), z.array(z.string().max(240)).max(12)]))
    .optional(),
})
export type ProgramError = z.infer<typeof programError>
