/** The row of pages, where it is wider than the screen. */

/** Brings the page that is shown into view, in browsers that do not know `scroll-initial-target`, and what a key goes to. */
export function keepPagesInView(): void {
  const row = document.querySelector<HTMLElement>('header nav')
  if (row === null) return
  const current = row.querySelector('[aria-current]')
  if (current !== null) show(current, row)
  // Chromium leaves a link that is seen in part where it is.
  row.addEventListener('focusin', ({ target }) => {
    if (target instanceof Element) show(target, row)
  })
}

/** Not by `scrollIntoView`: after that the next key would go on from there. */
function show(link: Element, row: HTMLElement): void {
  const home = row.firstElementChild
  if (home === null || link === home) return
  const faded = Number.parseFloat(getComputedStyle(row).paddingInlineEnd)
  const { left, right } = link.getBoundingClientRect()
  const before = left - home.getBoundingClientRect().right
  const beyond = right - (row.getBoundingClientRect().right - faded)
  if (before < 0) row.scrollLeft += before
  else if (beyond > 0) row.scrollLeft += beyond
}
