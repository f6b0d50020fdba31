/**
 * Requests at a fixed rate until told to stop: in a thread of its own, so that it delays no clock. What is due while MAX_UNDER_WAY have no
 * answer yet is not sent, but counted. Each of those has a connection of its own, and a server that falls behind would otherwise run out of
 * files for connections: it would be measured how it does without them, and the rest of the requests would fail.
 */
import { Agent, request } from 'node:http'
import { parentPort, workerData } from 'node:worker_threads'

/** What a flooder's machine may well hold open. A server needs two files for each. */
const MAX_UNDER_WAY = 256
/** When an answer is given up on, so that a server that has fallen silent ends the measurement. Milliseconds. */
const ANSWER_MS = 30_000

export interface Flood {
  url: string
  token: string
  perSecond: number
}

/** What has become of the requests that were due. */
export interface Flooded {
  ok: number
  /** Answered with 429. */
  refused: number
  /** Answered otherwise, broken off or not answered in time. */
  failed: number
  /** Not sent, as too many were under way. */
  heldBack: number
  ms: number
}

const { url, token, perSecond } = workerData as Flood
const counts = { ok: 0, refused: 0, failed: 0, heldBack: 0 }
const agent = new Agent({ keepAlive: true })
const headers = { authorization: `Bearer ${token}` }
const underWay = new Set<Promise<void>>()
const started = performance.now()
let due = 0

const timer = setInterval(() => {
  for (; due < ((performance.now() - started) / 1000) * perSecond; due++) {
    if (underWay.size >= MAX_UNDER_WAY) {
      counts.heldBack += 1
      continue
    }
    const one = ask().then((become) => {
      counts[become] += 1
      underWay.delete(one)
    })
    underWay.add(one)
  }
}, 5)

function ask(): Promise<'ok' | 'refused' | 'failed'> {
  return new Promise((resolve) => {
    const asked = request(url, { agent, headers, signal: AbortSignal.timeout(ANSWER_MS) }, (response) => {
      response.resume()
      response.once('error', () => resolve('failed'))
      response.once('end', () => {
        resolve(response.statusCode === 200 ? 'ok' : response.statusCode === 429 ? 'refused' : 'failed')
      })
    })
    asked.once('error', () => resolve('failed'))
    asked.end()
  })
}

parentPort!.once('message', () => {
  clearInterval(timer)
  const flooded = () => parentPort!.postMessage({ ...counts, ms: performance.now() - started } satisfies Flooded)
  void Promise.all(underWay).then(() => {
    agent.destroy()
    flooded()
  })
})
