/** The style sheet of all pages. */
import { AGAIN } from './again.ts'
import { BASE } from './base.ts'
import { DELETED } from './deleted.ts'
import { FILES } from './files.ts'
import { FILTERS } from './filters.ts'
import { KEPT } from './kept.ts'
import { NAVIGATION } from './navigation.ts'
import { PACKAGES } from './packages.ts'
import { RUNS } from './runs.ts'
import { RUN_LOG } from './run-log.ts'
import { TERMINAL } from './terminal.ts'
import { THUMBNAILS } from './thumbnails.ts'
import { USAGE } from './usage.ts'
import { USE } from './use.ts'
import { WAY_IN } from './way-in.ts'

export const STYLE = [
  BASE,
  NAVIGATION,
  RUNS,
  FILTERS,
  AGAIN,
  RUN_LOG,
  FILES,
  KEPT,
  DELETED,
  PACKAGES,
  USAGE,
  USE,
  WAY_IN,
  TERMINAL,
  THUMBNAILS,
]
  .join('')
  .trimStart()
