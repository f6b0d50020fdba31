/** The list of runs, as they come and end. */
import { onKeys } from './log/keys.ts'
import { renewParts } from './parts.ts'
import { leaveWhenClosed } from './signed-out.ts'

/** New runs wait behind a button while somebody reads further down. */
const READING_PX = 200

export function keepListLive(list: HTMLElement): void {
  const news = document.getElementById('news')
  let renewing: Promise<void> | null = null
  let isStale = false
  const renew = () => {
    isStale = true
    renewing ??= (async () => {
      while (isStale) {
        isStale = false
        await renewParts('list')
      }
      news?.replaceChildren()
      fresh.clear()
    })()
      .catch(() => {}) // the stream opens again when the server is back, and with it this
      .finally(() => (renewing = null))
  }
  const known = () => new Set([...list.querySelectorAll<HTMLElement>('[data-run]')].map((row) => row.dataset['run']))
  const fresh = new Set<string>()
  const offer = () => {
    const button = document.createElement('button')
    button.textContent = `${fresh.size} new`
    button.addEventListener('click', () => {
      scrollTo({ top: 0 })
      renew()
    })
    news?.replaceChildren(button)
  }
  const search = document.querySelector<HTMLInputElement>('.filters input[type=search]')
  onKeys({ '/': () => search?.select(), j: () => go(list, 1), k: () => go(list, -1) })
  const source = new EventSource('/app/api/runs/live')
  leaveWhenClosed(source)
  // Also when it was broken for a while: what came meanwhile is in the list.
  source.addEventListener('open', renew)
  source.addEventListener('run', ({ data }) => {
    const { run_id }: { run_id: string } = JSON.parse(data)
    if (scrollY < READING_PX || known().has(run_id)) return renew()
    fresh.add(run_id)
    offer()
  })
}

/** Goes to the run below, or above. */
function go(list: HTMLElement, by: number): void {
  const rows = [...list.querySelectorAll<HTMLElement>('[data-run]')]
  const at = rows.findIndex((row) => row.contains(document.activeElement))
  const row = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by))]
  row?.querySelector<HTMLElement>('a.title')?.focus()
}
