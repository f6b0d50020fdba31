/**
 * Things that a program showed and the runner kept (`container/runner/program/shown/pages.py`, `fonts.py`), in words for a model that sees
 * only names and output.
 */
import type { RunOutcome } from '../contract/outcome.ts'

const PAGE = /^\.outputs\/[^/]+\/figure-\d{1,3}\.html$/
/** Beginning of the runner's line about characters that are boxes in a chart. */
const NO_FONT = /^matplotlib: no font here has /m

/** Returns whether a path is a page that was kept in place of a browser's window. Its source shows nobody anything. */
export function isShownPage(path: string): boolean {
  return PAGE.test(path)
}

export function shownHints({ files, stderr }: Pick<RunOutcome, 'files' | 'stderr'>): string[] {
  const hints = NO_FONT.test(stderr)
    ? [
        'No font of this machine has some characters of the chart. Next: write them in Latin letters, or load a font file with matplotlib.font_manager.fontManager.addfont(path) and name it in rcParams["font.family"].',
      ]
    : []
  const [page, ...others] = files.filter(({ path, change }) => change !== 'deleted' && isShownPage(path))
  if (page !== undefined) {
    const more = others.length === 0 ? '' : ` (and ${others.length} more like it)`
    hints.push(
      `${page.path}${more} is an interactive page: the user can open it by its link, you see nothing of it. Next: to see a picture, draw it with matplotlib.`,
    )
  }
  return hints
}
