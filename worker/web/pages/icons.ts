/** Icons of the browser's tab, by the state of what the page is about: a sign and a colour each. */
import type { Status } from '../data/run-data.ts'

export type Icon = Status | 'plain'

const FRAME = (colour: string, sign: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="8" fill="${colour}"/><path d="${sign}" fill="none" stroke="#fff" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"/></svg>`

const GREY = '#5a5f66'
const BLUE = '#0b57d0'
const RED = '#b3261e'

export const ICONS: Record<Icon, string> = {
  plain: FRAME(BLUE, 'M5 5l3 3-3 3M9.5 11H12'),
  queued: FRAME(GREY, 'M4 8h.01M8 8h.01M12 8h.01'),
  running: FRAME(BLUE, 'M6.5 5l4.5 3-4.5 3z'),
  success: FRAME('#146c2e', 'M4.5 8.5l2.5 2.5 4.5-5.5'),
  error: FRAME(RED, 'M5.5 5.5l5 5M10.5 5.5l-5 5'),
  timeout: FRAME(RED, 'M8 4v4l2.5 2'),
  cancelled: FRAME(GREY, 'M6 6h4v4H6z'),
  lost: FRAME(RED, 'M6 6.2a2 2 0 1 1 2.6 2Q8 8.400 8 9.200M8 11.700h.01'),
}

/** In place of a picture that cannot be seen now: it is gone, or the sandbox that has it sleeps. Drawn on light and dark. */
export const NO_PICTURE =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 72 48" width="72" height="48"><g fill="none" stroke="#808b97" stroke-width="1.500" stroke-linejoin="round"><rect x="24.750" y="14.750" width="22.500" height="18.500" rx="2.500"/><circle cx="31" cy="20.500" r="1.750"/><path d="M25 30l6-5 4 3.500 5-5.500 7 6.500"/></g></svg>'
