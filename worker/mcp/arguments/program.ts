/** The arguments of the tools that run a program, and of POST /runs. Each tool takes some of them and describes them as its model needs it. */
import * as z from 'zod'
import { envProblem } from '../../run/program/env.ts'
import { MAX_TIMEOUT_S, MIN_TIMEOUT_S } from '../../run/contract/bounds.ts'
import { boundedText } from './bounded-text.ts'
import { fileContent, inlineText } from './file-content.ts'

/** Longest program, in characters. */
const MAX_CODE_CHARS = 2 * 1024 * 1024
/** Most files that one call writes, and longest path in characters. */
const MAX_FILES = 1_000
const MAX_PATH_CHARS = 1_000

/** Models write ports and switches as numbers and booleans. */
const envValue = z.preprocess(
  (given) => (typeof given === 'number' || typeof given === 'boolean' ? String(given) : given),
  inlineText,
)

export const programArguments = {
  code: boundedText(MAX_CODE_CHARS, 'put data into files').refine((code) => code.trim() !== '', {
    error: 'must not be empty. Next: give the program.',
  }),
  description: boundedText(1000).default(''),
  timeout: z.int().min(MIN_TIMEOUT_S).max(MAX_TIMEOUT_S).optional(),
  auto_install: z.boolean().optional(),
  files: z
    .record(z.string(), fileContent)
    .refine((files) => Object.keys(files).length <= MAX_FILES, {
      error: `there are more than ${MAX_FILES}. Next: send an archive and unpack it with the program.`,
    })
    .refine((files) => Object.keys(files).every((path) => path !== '' && path.length <= MAX_PATH_CHARS), {
      error: `a path has 1 to ${MAX_PATH_CHARS} characters. Next: give another one.`,
    })
    .optional(),
  stdin: inlineText.optional(),
  env: z
    .record(z.string(), envValue)
    .superRefine((env, ctx) => {
      const problem = envProblem(env)
      if (problem !== null) ctx.addIssue({ code: 'custom', message: problem })
    })
    .optional(),
  show_last: z.boolean().optional(),
  background: z.boolean().optional(),
}

export type ProgramArguments = z.output<z.ZodObject<typeof programArguments>>
