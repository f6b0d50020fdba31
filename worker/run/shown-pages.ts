/** Pages that the runner kept of what a program showed: no model sees them. */
import type { RunOutcome } from './outcome.ts'

const PAGE = /^\.outputs\/[^/]+\/figure-\d{1,3}\.html$/

/** What a model can do with them, as a sentence; none where there are none. */
export function shownPageHints(files: RunOutcome['files']): string[] {
  const [page, ...others] = files.filter(({ path, change }) => change !== 'deleted' && PAGE.test(path))
  if (page === undefined) return []
  const more = others.length === 0 ? '' : ` (and ${others.length} more like it)`
  return [
    `${page.path}${more} is an interactive page: the user can open it by its link, you see nothing of it. Next: to see a picture, draw it with matplotlib.`,
  ]
}
