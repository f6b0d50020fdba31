/**
 * A run's steps as progress notifications: in order, in batches, and no more than a client can use. Only progress resets a client's clock,
 * so silence is bridged as well.
 */
import type { RequestMeta } from '@modelcontextprotocol/server'
import { Bell, within } from '../waiting.ts'

/** Time between two notifications; text of the meantime is sent as one. */
const BATCH_MS = 20
/** Most text of one notification. */
const MAX_MESSAGE_CHARS = 32 * 1024
/** Most text sent for one call; beyond it only the count goes on, once a second. The result has head and tail. */
const MAX_CALL_CHARS = 1024 * 1024
const SILENCE_MS = 10_000
const COUNT_MS = 1_000

/** Subject of the reports: a run, or an installation. */
interface ProgressSource {
  read(): AsyncIterable<{ type: string; text?: string; chars?: number; skipped?: number | undefined }>
  readonly outcome: Promise<unknown>
}

/** The part of a request's context that progress needs. */
interface Request {
  _meta?: RequestMeta
  notify(notification: {
    method: 'notifications/progress'
    params: { progressToken: string | number; progress: number; message: string }
  }): Promise<void>
}

/**
 * Reports until the run has ended; returns at once when the caller gave no progress token. `ready` resolves when the client has read
 * enough. A client that does not read is skipped, never waited for beyond the run's end.
 */
export async function reportProgress(run: ProgressSource, request: Request, ready: () => Promise<void>): Promise<void> {
  const progressToken = request._meta?.progressToken
  if (progressToken === undefined) return
  const text = new PendingText()
  const began = Date.now()
  let progress = 0
  const send = (message: string) =>
    request.notify({ method: 'notifications/progress', params: { progressToken, progress: ++progress, message } })

  let ended = false
  const over = run.outcome.then(
    () => undefined,
    () => undefined, // the caller reports the failure
  )
  const reading = (async () => {
    for await (const item of run.read()) text.add(item)
    ended = true
    text.changed.ring()
  })()

  let sentChars = 0
  let hasWaited = false
  while (!ended || !text.empty) {
    if (text.empty) {
      if (!(await text.changed.nextWithin(SILENCE_MS)))
        await send(`… running for ${Math.round((Date.now() - began) / 1000)} s, no output for ${SILENCE_MS / 1000} s`)
      continue
    }
    if (sentChars >= MAX_CALL_CHARS) {
      const chars = text.drop()
      if (chars > 0)
        await send(
          `… ${(sentChars += chars).toLocaleString('en-US')} characters so far; the result shows head and tail`,
        )
      await within(over, COUNT_MS)
      continue
    }
    await Promise.race([ready(), over])
    // Hosts show a message as a line, or the newest alone: half a line waits for its rest, but not for ever, as it may be a prompt.
    if (!text.endsWithLine && !ended && !hasWaited) {
      hasWaited = true
      await within(over, BATCH_MS)
      continue
    }
    hasWaited = false
    const message = text.take(MAX_MESSAGE_CHARS)
    sentChars += message.length
    await send(message)
    // The last words of a short program do not wait.
    if (!ended) await within(over, BATCH_MS)
  }
  await reading
}

/** Text that waits to be sent. Bounded: text that a client does not read in time is counted and dropped, and its place says so. */
class PendingText {
  #text = ''
  #missed = 0
  #stream: 'stdout' | 'stderr' | 'platform' = 'stdout'
  /** Rings when there is more, and at the end. */
  readonly changed = new Bell()

  get empty(): boolean {
    return this.#text === '' && this.#missed === 0
  }

  get endsWithLine(): boolean {
    return this.#text.endsWith('\n')
  }

  add(item: { type: string; text?: string; chars?: number; skipped?: number | undefined }): void {
    if (item.type === 'missed') this.#missed += item.chars ?? 0
    if (item.text === undefined) return
    if (this.#text.length > MAX_CALL_CHARS) {
      this.#missed += item.text.length
      return
    }
    this.#flushMissed()
    if (item.skipped !== undefined) this.#text += `\n[… ${item.skipped.toLocaleString('en-US')} bytes dropped …]\n`
    const stream = item.type === 'stdout' || item.type === 'stderr' ? item.type : 'platform'
    // A reader of one merged text must see where another stream begins.
    if (stream !== this.#stream && stream !== 'stdout') this.#text += stream === 'stderr' ? '[stderr] ' : '[setup] '
    this.#stream = stream
    this.#text += item.type === 'status' ? `${item.text}\n` : item.text
    this.changed.ring()
  }

  /** Takes at most `limit` characters, never half a character. */
  take(limit: number): string {
    if (this.#text === '') this.#flushMissed()
    let end = Math.min(limit, this.#text.length)
    const last = this.#text.charCodeAt(end - 1)
    if (end < this.#text.length && last >= 0xd800 && last <= 0xdbff) end--
    const head = this.#text.slice(0, end)
    this.#text = this.#text.slice(end)
    return head
  }

  #flushMissed(): void {
    if (this.#missed === 0) return
    this.#text += `\n[… ${this.#missed.toLocaleString('en-US')} characters skipped, as the client read too slowly …]\n`
    this.#missed = 0
  }

  /** Forgets the waiting text. Returns its number of characters. */
  drop(): number {
    const chars = this.#text.length + this.#missed
    this.#text = ''
    this.#missed = 0
    return chars
  }
}
