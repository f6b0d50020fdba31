/**
 * Sends one file: a small one at once, a larger one in pieces. A lost connection is waited out, and what has come of a file is not sent
 * again, also when the same file is chosen after a reload.
 */

/** Longest body that is sent at once: on a slow line it takes less than the server's five minutes. Bytes. */
const PIECE_BYTES = 8 * 1024 * 1024
/** Part of the file's beginning and of its end that its name as an upload is made of. Bytes. */
const SAMPLE_BYTES = 64 * 1024
/** Pauses after failed attempts, one after the other; the last one counts for all further. Milliseconds. */
const PAUSES_MS = [500, 1_000, 2_000, 5_000, 10_000, 20_000]
/** Attempts in a row that brought nothing; then a person decides. */
const MAX_ATTEMPTS = 30

/** The reader has stopped it. */
export class Stopped extends Error {}

interface Teller {
  signal: AbortSignal
  /** So many bytes of the file have left. */
  sent: (bytes: number) => void
  say: (text: string) => void
}

interface Answer {
  status: number
  /** In seconds. */
  retryAfter: number
  body: { error?: string; received?: number }
}

/** Resolves when the file stands under its path. Rejects with the reason in words. */
export async function sendFile(file: File, path: string, teller: Teller): Promise<void> {
  const address = `/app/api/files/${path.split('/').map(encodeURIComponent).join('/')}`
  const upload = file.size > PIECE_BYTES ? `${address}?upload=${await nameOf(file)}` : null
  try {
    let from = upload === null ? 0 : await received(upload, false)
    for (let attempts = 0; ;) {
      teller.sent(from)
      const answer = await put(file, from, upload ?? address, upload !== null, teller)
      if (answer.status === 200) return
      const before = from
      if (answer.status === 202 || answer.status === 409) from = answer.body.received ?? 0
      else if (![0, 429, 502, 503, 504].includes(answer.status)) throw new Error(reasonOf(answer, from, file.size))
      else {
        await assertUnchanged(file, from)
        if (attempts + 1 >= MAX_ATTEMPTS) throw new Error(reasonOf(answer, from, file.size))
        const cause = answer.status === 0 ? 'The connection is lost.' : (answer.body.error ?? 'The server is busy.')
        teller.say(`${cause} It goes on by itself.`)
        await pause(answer.retryAfter * 1000 || PAUSES_MS[Math.min(attempts, PAUSES_MS.length - 1)]!, teller.signal)
        if (upload !== null) from = await received(upload, true).catch(() => from)
        if (from === file.size) return
      }
      if (from > before) {
        attempts = 0
        teller.say('')
      } else if (++attempts >= MAX_ATTEMPTS) throw new Error('It did not get on. Next: try again in a minute.')
    }
  } catch (error) {
    if (upload !== null && (error instanceof Stopped || error instanceof Changed)) await drop(upload)
    throw error
  }
}

/** Somebody has changed the file on this machine. */
class Changed extends Error {}

/** Browsers refuse to read a file that is not the one that was chosen. */
async function assertUnchanged(file: File, from: number): Promise<void> {
  try {
    await file.slice(from, from + 1).arrayBuffer()
  } catch {
    throw new Changed(
      'The file has changed on your machine, or cannot be read any more, so nothing was stored. Next: choose it again.',
    )
  }
}

/** The name of a file's upload: the same for the same file, so that it goes on when it is chosen once more. */
async function nameOf(file: File): Promise<string> {
  const facts = JSON.stringify([file.name, file.size, file.lastModified])
  const sample = new Blob([facts, file.slice(0, SAMPLE_BYTES), file.slice(-SAMPLE_BYTES)])
  const bytes = await sample.arrayBuffer().catch(() => new TextEncoder().encode(facts).buffer)
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return [...digest.slice(0, 16)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Bytes of an upload that the server has. `isUnderWay`: one that is done was done by us just now. */
async function received(upload: string, isUnderWay: boolean): Promise<number> {
  const response = await fetch(upload)
  if (!response.ok) return 0
  const state: { received: number; done: boolean } = await response.json()
  return state.done && !isUnderWay ? 0 : state.received
}

async function drop(upload: string): Promise<void> {
  await fetch(upload, { method: 'DELETE' }).catch(() => {}) // then it is removed after a day
}

/** Sends a piece, or a whole file. `fetch` tells no progress of what it sends. */
function put(file: File, from: number, address: string, isPiece: boolean, teller: Teller): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const body = isPiece ? file.slice(from, from + PIECE_BYTES) : file
    const request = new XMLHttpRequest()
    const stop = () => request.abort()
    request.open('PUT', address)
    if (isPiece) request.setRequestHeader('content-range', `bytes ${from}-${from + body.size - 1}/${file.size}`)
    request.upload.addEventListener('progress', ({ loaded }) => teller.sent(from + loaded))
    request.addEventListener('loadend', () => {
      teller.signal.removeEventListener('abort', stop)
      if (teller.signal.aborted) return reject(new Stopped())
      const { status } = request
      resolve({ status, retryAfter: Number(request.getResponseHeader('retry-after') ?? 0), body: jsonOf(request) })
    })
    if (teller.signal.aborted) return reject(new Stopped())
    teller.signal.addEventListener('abort', stop)
    request.send(body)
  })
}

function jsonOf({ responseText }: XMLHttpRequest): Answer['body'] {
  try {
    const body: unknown = JSON.parse(responseText)
    return typeof body === 'object' && body !== null ? body : {}
  } catch {
    return {}
  }
}

function reasonOf({ status, body }: Answer, from: number, size: number): string {
  if (status === 0) return 'The server could not be reached. Next: go on when it is there again.'
  const reason = body.error ?? `HTTP ${status}`
  if (status !== 507 || from === 0) return reason
  return `${reason}. What has come (${Math.floor((from / size) * 100)} %) is kept for a day. Next: make room and go on.`
}

/** Waits, but not longer than until the browser is online again. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer)
      removeEventListener('online', end)
      signal.removeEventListener('abort', end)
      if (signal.aborted) reject(new Stopped())
      else resolve()
    }
    const timer = setTimeout(end, ms)
    addEventListener('online', end)
    signal.addEventListener('abort', end)
  })
}
