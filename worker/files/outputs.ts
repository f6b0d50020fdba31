/** `.outputs/<run id>/`: where the runner puts what a run saved elsewhere or only showed, and from where it removes old ones. */

/** Why a file of a run's outputs is not there, or null when the path is none of those. The bounds are those of PROTOCOL.md. */
export function goneWords(path: string): string | null {
  if (!/^\.outputs\/[^/]+\/./.test(path)) return null
  return 'It is gone: outputs are kept for 30 days, those of the newest 200 runs, and 1 GiB of them, unless somebody deletes them before. Next: run the program again, and let it save to a relative path, which is kept.'
}
