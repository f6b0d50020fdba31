/** The module of the pages: what is live on them. Without it they are whole, but stand still. */
import { leadToForm } from './again.ts'
import { countOn } from './counting.ts'
import { offerCopies } from './copy.ts'
import { offerKeys } from './log/keys.ts'
import { offerRunKey } from './run-key.ts'
import { showInstallation } from './install.ts'
import { keepListLive } from './list.ts'
import { askForMarks } from './marks.ts'
import { followRun } from './run.ts'
import { keepPagesInView } from './navigation.ts'
import { showTables } from './tables.ts'
import { takeUploads } from './upload.ts'
import { offerOwnDays } from './own-days.ts'
import { runHere, watchClients } from './home.ts'
import { leaveWhenSignedOut } from './signed-out.ts'
import { keepAgesTrue, showLocalTimes } from './times.ts'

if (document.querySelector('body[data-signed-in]') !== null) leaveWhenSignedOut()
// The page of a new token answers its form. Loaded again, it makes no second one.
if (document.querySelector('#new-token') !== null) history.replaceState(history.state, '', '/account')
keepPagesInView()
showLocalTimes(document)
keepAgesTrue()
countOn()
offerCopies(document)
offerRunKey()
showTables(document)
const list = document.querySelector<HTMLElement>('#list[data-live=runs]')
if (list !== null) keepListLive(list)
const again = document.querySelector<HTMLDetailsElement>('details.try')
if (again !== null) leadToForm(again)
const zone = document.querySelector<HTMLInputElement>('#time-zone')
if (zone !== null) offerOwnDays(zone)
const keys = document.querySelector<HTMLInputElement>('#keys')
if (keys !== null) offerKeys(keys)
const log = document.querySelector<HTMLElement>('#log[data-events]')
if (log !== null) followRun(log)
const upload = document.querySelector<HTMLElement>('#upload')
if (upload !== null) takeUploads(upload)
const marks = document.querySelector<HTMLElement>('#upload ~ #list')
if (marks !== null) askForMarks(marks)
if (document.querySelector('#connected') !== null) watchClients()
const example = document.querySelector<HTMLFormElement>('#example')
if (example !== null) runHere(example)
const install = document.querySelector<HTMLFormElement>('#install')
if (install !== null) showInstallation(install)
