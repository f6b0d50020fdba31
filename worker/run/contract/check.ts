/** The runner's answer to `POST /check`, as `container/PROTOCOL.md` describes it: what a look at a program's text found. */
import * as z from 'zod'
import { programError } from './program-error.ts'

/** Characters of a line that an answer to /check repeats. */
const LINE_CHARS = 200
/** Longest program that the runner takes. */
const MAX_PROGRAM_CHARS = 4 * 1024 * 1024
const line = z.int().min(1)

/** The reading of a program's text that is not Python as it stands. Each part is left out when it has nothing to say. */
const reading = z.object({
  /** The program to run in place of the text that was sent. */
  program: z.string().max(MAX_PROGRAM_CHARS).optional(),
  /** Faults of that text, in the order of the repairs. */
  repairs: z
    .array(
      z.enum([
        ...([
          'prose',
          'stray_fence',
          'tags',
          'language',
          'prompts',
          'indent',
          'entities',
          'breaks',
          'escapes',
        ] as const),
        ...(['typography', 'numbers', 'json', 'notebook'] as const),
      ]),
    )
    .default([]),
  /** Lines of a notebook cell that are not executed as they are written. */
  lines: z
    .array(z.object({ line, text: z.string().max(LINE_CHARS), how: z.enum(['installed', 'left_out']) }))
    .max(20)
    .default([]),
  /** Requirements in such lines; `installed`: it is there already. */
  specs: z
    .array(z.object({ line, spec: z.string().max(LINE_CHARS), installed: z.boolean() }))
    .max(50)
    .default([]),
  /** The likely language of a text that is no program. */
  looks_like: z.enum(['shell', 'fences', 'html', 'javascript', 'sql']).optional(),
  /** The reason why it may do nothing: no line calls the function `name`, or `__name__` is compared with that text. */
  silent: z.object({ why: z.enum(['never_called', 'main_guard']), name: z.string().max(LINE_CHARS), line }).optional(),
})
export type Reading = z.infer<typeof reading>

const checkNote = z.object({
  kind: z.enum(['input', 'spawn', 'host', 'deletes_folder', 'deletes_files']),
  line: z.int(),
  what: z.string().max(600).optional(),
})
export type CheckNote = z.infer<typeof checkNote>

export const checkResult = z.object({
  syntax_error: programError.nullable(),
  imports: z.array(
    z.object({
      module: z.string(),
      kind: z.enum(['standard', 'local', 'installed', 'missing', 'guarded']),
      line: z.int(),
    }),
  ),
  notes: z.array(checkNote).max(50),
  /** Requirements that the program installs itself, as far as its text shows. */
  own_installs: z.array(z.string()).optional(),
  /** Working folders of other systems that the program names. */
  elsewhere: z.array(z.string()).optional(),
  /** Its PEP 723 block. `requires_python`: when this is another Python. `problem`: the reason why it cannot be read. */
  script: z
    .object({
      dependencies: z.array(z.string()),
      missing: z.array(z.string()),
      requires_python: z.string().nullable(),
      problem: z.string().nullable(),
    })
    .optional(),
  reading: reading.optional(),
})
export type CheckResult = z.infer<typeof checkResult>
