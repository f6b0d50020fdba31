/**
 * The view of a run inside a chat (MCP Apps): the program while the model writes it, the output as it comes, pictures and the end. A chat
 * that is opened again tells the call and its result, when the run may long be forgotten: so a result is enough for all of it.
 */
import type { RunPaths } from '../../../run/contract/protocol.ts'
import { programKey } from '../../../run/program/key.ts'
import type { Status } from '../../data/run-data.ts'
import type { Step } from '../log/log-line.ts'
import { Follow } from './follow.ts'
import { Host } from './host.ts'
import { Panel, part } from './panel.ts'
import { objectOf, type Outcome, outcomeOf, textOf, type ToolResult } from './results.ts'
import { showTheme } from './theme.ts'

const PROTOCOL = '2026-01-26'
/** Time for which the size may change before the host is told. */
const SIZE_MS = 100
/** Time after which a call that has begun has no result yet. */
const BEGIN_MS = 30
/** Time that a result takes after its run's end; later, the call runs its program again. */
const RESULT_MS = 300

interface Initialized {
  hostContext?: Record<string, unknown>
  hostCapabilities?: { serverTools?: object; openLinks?: object }
}

const panel = new Panel()
const stop = document.querySelector<HTMLButtonElement>('#stop')!
const open = part('open')
/** The address of our pages, which the server writes into the document. */
const pages = document.documentElement.dataset['pages'] ?? ''
let can: NonNullable<Initialized['hostCapabilities']> = {}
let isSeen = true
/** The program is known. */
let isCalled = false
/** The call has been answered, or will not be. */
let isAnswered = false
/** Nothing more comes. */
let isOver = false
let result: Outcome | null = null
/** The run of the call, the last one of which steps are shown, and the last one of which all are. */
let runId: string | null = null
let shownId: string | null = null
let endedId: string | null = null

const host = new Host(parent, {
  'ui/notifications/tool-input-partial': ({ arguments: args }) => {
    showProgram(args, false)
  },
  'ui/notifications/tool-input': ({ arguments: args }) => {
    const { code, description } = showProgram(args, true)
    follow.program = programKey(code, description)
    isCalled = true
    if (!isOver) panel.stands('running')
    // A chat that is opened again has the result right behind it.
    setTimeout(() => void follow.go(), BEGIN_MS)
  },
  'ui/notifications/tool-result': answered,
  'ui/notifications/tool-cancelled': () => {
    isAnswered = true
    // The run ends with its call, and its steps tell how.
    if (runId === null) over()
    if (runId === null) panel.stands('cancelled')
  },
  'ui/notifications/host-context-changed': inContext,
  'ui/resource-teardown': over,
})
const call = (name: string, args: object) => host.request<ToolResult>('tools/call', { name, arguments: args })

const follow: Follow = new Follow({
  call,
  isWanted: () => isCalled && !isOver && isSeen && !document.hidden && can.serverTools !== undefined,
  steps: showSteps,
  ended,
  failed: () => {
    if (result !== null) showResult(result)
  },
  lost: () => {
    panel.says('This run is forgotten.')
    if (result === null) over()
    else showResult(result)
  },
})

function showProgram(args: unknown, isWhole: boolean): { code: string; description: string } {
  const { code, description } = objectOf(args)
  const shown = { code: textOf(code), description: textOf(description) }
  panel.program(shown.code, shown.description, isWhole)
  return shown
}

function showSteps(id: string, status: Status, steps: Step[], paths?: RunPaths): void {
  if (isOver) return
  if (shownId !== null && id !== shownId) panel.note(`Run again: ${id}`)
  shownId = id
  if (paths !== undefined) panel.paths = paths
  named(id)
  // The result has said how it ended.
  if (result?.took == null) goesOn(status)
  for (const step of steps) {
    if (step.type === 'missed') panel.note(`${step.chars.toLocaleString('en-US')} characters are left out here`)
    else {
      if (step.skipped !== undefined) panel.note(`${step.skipped.toLocaleString('en-US')} bytes were dropped here`)
      panel.add(step.text, step.type)
    }
  }
}

/** Every step of a run is shown. */
function ended(id: string): void {
  endedId = id
  if (isAnswered) return void finish(id)
  setTimeout(() => {
    if (isAnswered) return
    follow.of(null)
    void follow.go()
  }, RESULT_MS)
}

async function finish(id: string): Promise<void> {
  panel.end()
  over()
  // The call was answered before the end, or not at all.
  if (result?.took != null) return
  const told = await call('runs', { action: 'wait', run_id: id, wait_s: 0 }).catch(() => null)
  if (told !== null) panel.outcome(outcomeOf(told))
}

function answered(given: ToolResult): void {
  isCalled = true
  isAnswered = true
  result = outcomeOf(given)
  const { run_id, status, attempts } = result
  const isKnown = shownId !== null && run_id !== null && [run_id, ...attempts].includes(shownId)
  if (run_id !== null) named(run_id)
  if (status === 'queued' || status === 'running') {
    goesOn(status)
    if (can.serverTools === undefined) return showResult(result)
    follow.of(run_id)
    return void follow.go()
  }
  panel.outcome(result)
  stop.hidden = true
  if (run_id === null || !isKnown || panel.isEmpty) return showResult(result)
  if (endedId === run_id) return void finish(run_id)
  // The last steps of what was shown live.
  follow.of(run_id)
  void follow.go()
}

/** Draws everything anew of the result alone. */
function showResult(shown: Outcome): void {
  panel.outcome(shown)
  panel.renew()
  if (shown.stdout !== '') panel.add(shown.stdout, 'stdout')
  if (shown.stderr !== '') panel.add(shown.stderr, 'stderr')
  if (shown.cut) panel.note('Not all of the output is here.')
  if (shown.run_id !== null) panel.end()
  over()
}

function goesOn(status: Status): void {
  panel.stands(status)
  stop.hidden = can.serverTools === undefined || (status !== 'queued' && status !== 'running')
}

function named(id: string): void {
  runId = id
  open.hidden = pages === '' || can.openLinks === undefined
}

function over(): void {
  isOver = true
  stop.hidden = true
}

function inContext(context: Record<string, unknown>): void {
  showTheme(context)
  if (context['displayMode'] === 'fullscreen') panel.expand(true)
}

stop.addEventListener('click', () => {
  stop.disabled = true
  stop.textContent = 'Stopping …'
  const again = () => {
    stop.disabled = false
    stop.textContent = 'Stop'
  }
  call('runs', { action: 'cancel', run_id: runId }).then(({ isError }) => isError === true && again(), again)
})
open.addEventListener('click', () => {
  host.request('ui/open-link', { url: `${pages}/app/runs/${runId}` }).catch(() => (open.hidden = true))
})

new IntersectionObserver((changes) => {
  isSeen = changes.at(-1)?.isIntersecting === true
  void follow.go()
}).observe(document.body)
document.addEventListener('visibilitychange', () => void follow.go())

let telling: ReturnType<typeof setTimeout> | undefined
new ResizeObserver(() => {
  clearTimeout(telling)
  telling = setTimeout(() => {
    const { width, height } = document.body.getBoundingClientRect()
    host.notify('ui/notifications/size-changed', { width: Math.ceil(width), height: Math.ceil(height) })
  }, SIZE_MS)
}).observe(document.body)

showTheme({})
const { hostContext = {}, hostCapabilities = {} } = await host.request<Initialized>('ui/initialize', {
  protocolVersion: PROTOCOL,
  appInfo: { name: 'mcp-code-mode', version: '1' },
  appCapabilities: { availableDisplayModes: ['inline', 'fullscreen'] },
})
can = hostCapabilities
inContext(hostContext)
host.notify('ui/notifications/initialized')
