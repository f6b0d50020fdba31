/** Uploads: several at once, by choosing or dropping, each with its progress, its reason when it fails, and a way to go on or stop. */
import { renewParts } from './parts.ts'
import { sendFile, Stopped } from './send-file.ts'

/** Most files that are sent at one time; a browser has six connections to a server. */
const AT_ONCE = 3

export function takeUploads(place: HTMLElement): void {
  const input = place.querySelector('input')
  const list = place.querySelector('ul')
  if (input === null || list === null) return
  place.hidden = false
  const folder = place.dataset['folder'] ?? ''
  const waiting: (() => Promise<void>)[] = []
  let sending = 0
  const next = () => {
    const send = sending < AT_ONCE ? waiting.shift() : undefined
    if (send === undefined) return
    sending++
    void send().finally(() => {
      sending--
      next()
      // A page that has changed too much for this, such as by signing out, is opened anew.
      if (sending === 0) renewParts('list', 'unfinished').catch(() => location.reload())
    })
    next()
  }
  const take = (files: Iterable<File>) => {
    for (const file of files) addRow(file, folder + file.name, list, (send) => waiting.push(send) && next())
  }
  input.addEventListener('change', () => {
    take(input.files ?? [])
    input.value = ''
  })
  for (const type of ['dragover', 'dragleave', 'drop'])
    place.addEventListener(type, (event) => {
      event.preventDefault()
      place.classList.toggle('over', type === 'dragover')
    })
  place.addEventListener('drop', ({ dataTransfer }) => take(dataTransfer?.files ?? []))
}

/** One file in the list of uploads. `enqueue`: sends it when it is its turn. */
function addRow(file: File, path: string, list: HTMLElement, enqueue: (send: () => Promise<void>) => void): void {
  const row = document.createElement('li')
  const name = document.createElement('bdi')
  const progress = document.createElement('progress')
  const words = document.createElement('span')
  const button = document.createElement('button')
  name.textContent = file.name
  progress.ariaLabel = file.name
  progress.max = file.size
  row.append(name, progress, words, button)
  list.append(row)
  let stop = new AbortController()
  const send = async () => {
    try {
      await sendFile(file, path, {
        signal: stop.signal,
        sent: (bytes) => (progress.value = bytes),
        say: (text) => (words.textContent = text),
      })
      words.textContent = '✓'
      progress.remove()
      button.remove()
    } catch (error) {
      const isStopped = error instanceof Stopped
      words.textContent = isStopped ? 'Stopped.' : `✗ ${error instanceof Error ? error.message : 'It failed.'}`
      offer('Go on', begin)
    }
  }
  const offer = (text: string, act: () => void) => {
    button.textContent = text
    button.onclick = act
  }
  const begin = () => {
    stop = new AbortController()
    words.textContent = ''
    offer('Stop', () => stop.abort())
    enqueue(send)
  }
  begin()
}
