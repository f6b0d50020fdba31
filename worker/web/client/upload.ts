/** Uploads: several at once, by choosing or dropping, each with its progress and its reason when it fails. */
import { renewParts } from './parts.ts'

export function takeUploads(place: HTMLElement): void {
  const input = place.querySelector('input')
  const list = place.querySelector('ul')
  if (input === null || list === null) return
  place.hidden = false
  const take = async (files: Iterable<File>) => {
    await Promise.all([...files].map((file) => send(file, list)))
    await renewParts('list').catch(() => location.reload())
  }
  input.addEventListener('change', () => {
    void take(input.files ?? [])
    input.value = ''
  })
  for (const type of ['dragover', 'dragleave', 'drop'])
    place.addEventListener(type, (event) => {
      event.preventDefault()
      place.classList.toggle('over', type === 'dragover')
    })
  place.addEventListener('drop', ({ dataTransfer }) => void take(dataTransfer?.files ?? []))
}

/** Sends one file. `fetch` tells no progress of what it sends. */
function send(file: File, list: HTMLElement): Promise<void> {
  const row = document.createElement('li')
  const progress = document.createElement('progress')
  const words = document.createElement('span')
  row.append(file.name, progress, words)
  list.append(row)
  return new Promise((resolve) => {
    const request = new XMLHttpRequest()
    request.open('PUT', `/app/api/files/${encodeURIComponent(file.name)}`)
    request.upload.addEventListener('progress', ({ loaded, total }) => {
      progress.max = total
      progress.value = loaded
    })
    request.addEventListener('loadend', () => {
      progress.remove()
      words.textContent = request.status >= 200 && request.status < 300 ? '✓' : `✗ ${reasonOf(request)}`
      resolve()
    })
    request.send(file)
  })
}

function reasonOf(request: XMLHttpRequest): string {
  if (request.status === 0) return 'The server could not be reached. Next: try again.'
  try {
    const { error }: { error: string } = JSON.parse(request.responseText)
    return error
  } catch {
    return `HTTP ${request.status}`
  }
}
