/** What has become since of the files that a run made: those that are the run's no more are not shown. The server knows of later runs. */

import { BECAME } from '../data/run-words.ts'

/** The runner's clock and the session's may differ by so much. */
const CLOCKS_MS = 2_000

interface Listed {
  files: { path: string; bytes: number; modified: string }[]
  cut: boolean
}

/** Says of each file of a list whether it was changed or deleted after its run. Asks only where files are shown, for which the sandbox has to be there anyway. */
export async function tellChanges(list: HTMLElement): Promise<void> {
  const ended = Date.parse(list.dataset['ended'] ?? '')
  if (Number.isNaN(ended) || list.dataset['shown'] === undefined) return
  const response = await fetch('/app/api/files')
  if (!response.ok) return
  const { files, cut }: Listed = await response.json()
  const now = new Map(files.map((file) => [file.path, file]))
  for (const item of list.querySelectorAll<HTMLElement>('li[data-path]')) {
    const { path = '', bytes: made = '' } = item.dataset
    const file = now.get(path)
    const isGone = file === undefined && !cut
    const isOther = file !== undefined && made !== '' && file.bytes !== Number(made)
    const isLater = file !== undefined && Date.parse(file.modified) > ended + CLOCKS_MS
    if (!isGone && !isOther && !isLater) continue
    item.querySelector('strong')?.remove()
    const said = document.createElement('strong')
    said.textContent = BECAME[isGone ? 'deleted' : 'changed']
    item.querySelector('.facts')?.after(' ', said)
    for (const shown of document.querySelectorAll<HTMLElement>('[data-shows]'))
      if (shown.dataset['shows'] === path) shown.remove()
  }
}
