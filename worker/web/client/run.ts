/** One run as it goes on: its output by its events, and everything else anew at its end. */
import type { RunPaths } from '../../run/contract/protocol.ts'
import { forPerson } from '../data/for-person.ts'
import { STATUS_WORDS } from '../data/run-words.ts'
import type { Step } from './log/log-line.ts'
import { Log } from './log/log.ts'
import { tellChanges } from './changed-since.ts'
import { renewParts } from './parts.ts'
import { leaveWhenClosed } from './signed-out.ts'
import { offerTools } from './log/run-tools.ts'
import { type End, Steps } from './steps.ts'
import { showTables } from './tables.ts'
import { type Sample, UseCharts } from './use.ts'

export function followRun(element: HTMLElement): void {
  const address = element.dataset['events'] ?? ''
  const tail = document.getElementById('tail')
  const log = new Log(element, tail, { isLinked: true })
  const times = offerTools(log, element)
  const steps = new Steps(document.getElementById('steps') ?? document.createElement('div'))
  const use = new UseCharts(document.getElementById('use') ?? document.createElement('div'))
  let isBegun = false
  const add = ({ data }: MessageEvent<string>) => {
    // What the server had put here without this module.
    if (!isBegun) element.replaceChildren()
    isBegun = true
    const event: Step = JSON.parse(data)
    if (event.type === 'missed') return log.note(`${event.chars} characters are not kept any more`, event.lines)
    if ('skipped' in event) log.note(`${event.skipped} bytes were dropped: it printed more than the limit`)
    if (event.type === 'status') steps.begin(forPerson(event.text), event.at ?? Date.now())
    else if (event.type === 'install') steps.printed(event.text)
    else log.add(event.text, event.type, event.at)
  }
  // The browser connects again by itself, from the last event that it had.
  const source = new EventSource(address)
  leaveWhenClosed(source)
  for (const type of ['stdout', 'stderr', 'status', 'install', 'missed']) source.addEventListener(type, add)
  source.addEventListener('started', ({ data }: MessageEvent<string>) => {
    const { at, paths }: { at?: number; paths?: RunPaths } = JSON.parse(data)
    if (paths !== undefined) log.paths = paths
    if (times !== null) times.start ??= at
    steps.started(at ?? Date.now())
    use.begin()
    void renewParts('facts').catch(() => {})
  })
  source.addEventListener('usage', ({ data }: MessageEvent<string>) => {
    const { samples }: { samples: Sample[] } = JSON.parse(data)
    use.add(samples)
  })
  source.addEventListener('outcome', ({ data }: MessageEvent<string>) => {
    const { outcome }: { outcome: End } = JSON.parse(data)
    steps.ended(outcome)
    use.ended(outcome.usage ?? null)
    // Said once, by who reads the screen aloud, when it has nothing more urgent to say.
    const said = document.getElementById('said')
    if (said !== null && outcome.status !== undefined) said.textContent = `The run ${STATUS_WORDS[outcome.status][1]}.`
    source.close()
    if (!isBegun) element.replaceChildren()
    log.end()
    renewParts('facts', 'share', 'made', 'source').then(
      () => {
        showTables(document)
        const files = document.querySelector<HTMLElement>('.files[data-ended]')
        if (files !== null) tellChanges(files).catch(() => {}) // the files themselves say that they cannot be read
      },
      () => location.reload(),
    )
  })
  // The form comes anew with the facts.
  document.getElementById('facts')?.addEventListener('submit', (event) => {
    if (event.target instanceof HTMLFormElement) stopHere(event, event.target)
  })
}

/** Stops the run without leaving the page: what is searched for, marked and scrolled to stays. */
function stopHere(event: SubmitEvent, form: HTMLFormElement): void {
  event.preventDefault()
  const button = form.querySelector('button')
  if (button !== null) {
    button.textContent = 'Stopping …'
    button.disabled = true
  }
  fetch(form.action, { method: 'POST', body: new URLSearchParams(), redirect: 'manual' }).then(
    ({ type }) => type !== 'opaqueredirect' && form.submit(),
    () => form.submit(),
  )
}
