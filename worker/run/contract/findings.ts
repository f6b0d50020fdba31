/** Findings in a program before its start, as receipts show them. */
import * as z from 'zod'
import type { CheckResult } from './check.ts'

const MAX_MODULES = 50
const MAX_MODULE_CHARS = 100
const MAX_REASONS = 10
const MAX_REASON_CHARS = 500

const modules = z.array(z.string())

export const findings = z.object({
  /** Imported modules beyond the standard library. `optional`: missing, and the program goes on without. */
  imports: z.object({ installed: modules, local: modules, missing: modules, optional: modules }),
  /** Reasons why missing modules were not installed. */
  refused: z.array(z.string()),
})
export type Findings = z.infer<typeof findings>

export function findingsOf({ imports }: CheckResult, refused: string[]): Findings {
  const named = (wanted: CheckResult['imports'][number]['kind']) =>
    [...new Set(imports.filter(({ kind }) => kind === wanted).map(({ module }) => module))]
      .slice(0, MAX_MODULES)
      .map((module) => module.slice(0, MAX_MODULE_CHARS).toWellFormed())
  return {
    imports: {
      installed: named('installed'),
      local: named('local'),
      missing: named('missing'),
      optional: named('guarded'),
    },
    refused: refused.slice(0, MAX_REASONS).map((reason) => reason.slice(0, MAX_REASON_CHARS).toWellFormed()),
  }
}
