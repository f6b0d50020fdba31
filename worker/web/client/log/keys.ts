/** Single keys that do something on a page. Who dictates, or whose hands shake, switches them off; they are for this browser. */

const STORED = 'single keys'

/** Calls back for these keys, unless somebody writes. */
export function onKeys(keys: Record<string, () => void>): void {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isOff()) return
    const { target } = event
    if (target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable]') !== null) return
    const act = Object.hasOwn(keys, event.key) ? keys[event.key] : undefined
    if (act === undefined) return
    event.preventDefault()
    act()
  })
}

/** The box that switches them off and on. */
export function offerKeys(box: HTMLInputElement): void {
  box.checked = !isOff()
  box.addEventListener('change', () => localStorage.setItem(STORED, box.checked ? 'on' : 'off'))
}

function isOff(): boolean {
  return localStorage.getItem(STORED) === 'off'
}
