/** Note to a program that works in a folder of another system, such as /mnt/data. */
import type { CheckResult } from '../contract/check.ts'
import type { RunOutcome } from '../contract/outcome.ts'

/** The note; null when it names no such folder, or when its files there have come back, as `.outputs` shows. */
export function elsewhereNote(
  { elsewhere = [] }: Pick<CheckResult, 'elsewhere'>,
  { files }: Pick<RunOutcome, 'files'>,
): string | null {
  const lost = elsewhere.filter(
    (place) => !files.some(({ path }) => path.startsWith('.outputs/') && path.includes(`${place}/`)),
  )
  if (lost.length === 0) return null
  const is = lost.length === 1 ? 'is' : 'are'
  return `${lost.join(' and ')} ${is} not your working folder: what is written there is not kept with your files, and does not come back. Next: use relative paths.`
}
