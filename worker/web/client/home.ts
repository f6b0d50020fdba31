/** The front page: clients as they connect, and the output of the example beside it. */
import type { RunPaths } from '../../run/contract/protocol.ts'
import type { Source } from './log/log-line.ts'
import { Log } from './log/log.ts'
import { renewParts } from './parts.ts'
import { leaveWhenClosed } from './signed-out.ts'

const RUNNING = 'Running …'

export function watchClients(): void {
  // The stream opens again by itself when the server is back.
  const renew = () => void renewParts('connected').catch(() => {})
  const source = new EventSource('/app/api/runs/live')
  leaveWhenClosed(source)
  source.addEventListener('open', renew)
  source.addEventListener('client', renew)
}

/** Runs the program of this form without leaving the page. */
export function runHere(form: HTMLFormElement): void {
  const said = document.getElementById('example-said')
  const output = document.getElementById('example-log')
  const button = form.querySelector('button')
  const code = form.querySelector('textarea')
  if (said === null || output === null || button === null || code === null) return
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    button.disabled = true
    output.replaceChildren()
    said.replaceChildren()
    start(code.value)
      .then((address) => {
        return follow(address, output, (words) => said.replaceChildren(words, ' ', linkTo(address)))
      })
      .then(
        ({ words, address }) => said.replaceChildren(words, ' ', linkTo(address)),
        (error: unknown) => said.replaceChildren(error instanceof Error ? error.message : String(error)),
      )
      .finally(() => (button.disabled = false))
  })
}

/** Starts a program. Resolves with its run's address below `/app`; rejects with the server's words. */
async function start(code: string): Promise<string> {
  const response = await fetch('/app/api/runs', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code, background: true }),
  })
  const answer: { error?: string } = await response.json()
  if (!response.ok) throw new Error(answer.error ?? `HTTP ${response.status}`)
  return response.headers.get('location') ?? '/runs'
}

/** `Waiting for a place` of "Waiting for a place: 2 run at a time …". */
function firstWords(status: string): string {
  return status.split(/[:.…]/, 1)[0]!.trim()
}

/** Shows the output as it comes, and says how far the run is. Resolves at its end. */
function follow(
  address: string,
  output: HTMLElement,
  say: (words: string) => void,
): Promise<{ words: string; address: string }> {
  const log = new Log(output, null)
  say(RUNNING)
  const source = new EventSource(`/app/api${address}/events`)
  for (const type of ['stdout', 'stderr', 'status', 'install'] satisfies Source[])
    source.addEventListener(type, ({ data }: MessageEvent<string>) => {
      const { text }: { text: string } = JSON.parse(data)
      if (type === 'status') say(`${firstWords(text)} …`)
      log.add(text, type)
    })
  source.addEventListener('started', ({ data }: MessageEvent<string>) => {
    say(RUNNING)
    const { paths }: { paths?: RunPaths } = JSON.parse(data)
    if (paths !== undefined) log.paths = paths
  })
  return new Promise((resolve, reject) => {
    source.addEventListener('outcome', ({ data }: MessageEvent<string>) => {
      const { outcome }: { outcome: { status: string } } = JSON.parse(data)
      source.close()
      log.end()
      resolve({ words: outcome.status === 'success' ? '✓ It succeeded.' : '✗ It did not succeed.', address })
    })
    source.addEventListener('error', () => {
      if (source.readyState === EventSource.CLOSED)
        reject(new Error('The output cannot be read. Next: reload this page.'))
    })
  })
}

function linkTo(address: string): HTMLElement {
  const link = document.createElement('a')
  link.href = `/app${address}`
  link.textContent = 'See this run'
  return link
}
