/** An installation from the page, with the installer's output as it comes. */
import { forPerson } from '../data/for-person.ts'
import { renewParts } from './parts.ts'

interface Told {
  type: 'install' | 'done'
  text?: string
  message?: string
  refused?: { name: string; reason: string }[]
}

export function showInstallation(form: HTMLFormElement): void {
  const log = document.getElementById('installing')
  const end = document.getElementById('installed')
  const button = form.querySelector('button')
  const input = form.querySelector('input')
  if (log === null || end === null || button === null || input === null) return
  const tell = ({ text, message, refused = [] }: Told) => {
    if (text !== undefined) {
      log.append(text)
      log.scrollTop = log.scrollHeight
    }
    if (message === undefined) return
    const said = [message, ...refused.map(({ name, reason }) => `Refused ${name}: ${reason}`)]
    end.replaceChildren(...said.map((words) => paragraph(forPerson(words))))
    void renewParts('list')
  }
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    log.replaceChildren()
    end.replaceChildren()
    log.hidden = false
    button.disabled = true
    install(input.value, tell)
      .catch(() =>
        end.replaceChildren(paragraph('The connection is lost. Next: look whether it is installed, and try again.')),
      )
      .finally(() => (button.disabled = false))
  })
}

async function install(packages: string, tell: (told: Told) => void): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch('/app/api/packages', { method: 'POST', headers, body: JSON.stringify({ packages }) })
  if (!response.ok) {
    const { error }: { error: string } = await response.json()
    return tell({ type: 'done', message: error })
  }
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
    const events = (text + part.value).split('\n\n')
    text = events.pop() ?? ''
    for (const event of events) {
      const data = /^data: (.*)$/m.exec(event)?.[1]
      if (data !== undefined) tell(JSON.parse(data))
    }
  }
}

function paragraph(text: string): HTMLElement {
  const element = document.createElement('p')
  element.textContent = text
  return element
}
