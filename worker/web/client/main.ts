/** The module of the pages: what is live on them. Without it they are whole, but stand still. */
import { offerCopies } from './copy.ts'
import { keepListLive } from './list.ts'
import { followRun } from './run.ts'
import { takeUploads } from './upload.ts'
import { showLocalTimes } from './times.ts'

showLocalTimes(document)
offerCopies(document)
const list = document.querySelector<HTMLElement>('#list[data-live=runs]')
if (list !== null) keepListLive(list)
const log = document.querySelector<HTMLElement>('#log[data-events]')
if (log !== null) followRun(log)
const upload = document.querySelector<HTMLElement>('#upload')
if (upload !== null) takeUploads(upload)
