/** `.outputs/<run id>/`: the folder for files that a run saved elsewhere or only showed. The runner fills it, and removes old ones. */

/** The reason why a file of a run's outputs is gone, or null for any other path. The bounds are those of PROTOCOL.md. */
export function goneWords(path: string): string | null {
  if (!/^\.outputs\/[^/]+\/./.test(path)) return null
  return 'It is gone: outputs are kept for 30 days, those of the newest 200 runs, and 1 GiB of them, unless somebody deletes them before. Next: run the program again, and let it save to a relative path, which is kept.'
}
