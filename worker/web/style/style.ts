/** The style sheet of all pages. */
import { BASE } from './base.ts'
import { KEPT } from './kept.ts'
import { RUNS } from './runs.ts'

export const STYLE = [BASE, RUNS, KEPT].join('').trimStart()
