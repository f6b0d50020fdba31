/** What has become since of the files that a run made: the page shows them as they are now. */

/** The runner's clock and the session's may differ by so much. */
const CLOCKS_MS = 2_000

interface Listed {
  files: { path: string; modified: string }[]
  cut: boolean
}

/** Says of each file of a list whether it was changed or deleted after its run. Asks only where files are shown, for which the sandbox has to be there anyway. */
export async function tellChanges(list: HTMLElement): Promise<void> {
  const ended = Date.parse(list.dataset['ended'] ?? '')
  if (Number.isNaN(ended) || list.dataset['shown'] === undefined) return
  const response = await fetch('/app/api/files')
  if (!response.ok) return
  const { files, cut }: Listed = await response.json()
  const modified = new Map(files.map((file) => [file.path, Date.parse(file.modified)]))
  for (const item of list.querySelectorAll<HTMLElement>('li[data-path]')) {
    const at = modified.get(item.dataset['path'] ?? '')
    const isGone = at === undefined && !cut
    if (!isGone && (at ?? 0) <= ended + CLOCKS_MS) continue
    const said = document.createElement('strong')
    said.textContent = isGone ? ' deleted since' : ' changed since: this is how it is now'
    item.append(said)
  }
}
