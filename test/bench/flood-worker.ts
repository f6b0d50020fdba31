/** Requests at a fixed rate, whether they are answered or not, until told to stop: in a thread of its own, so that it delays no clock. */
import { parentPort, workerData } from 'node:worker_threads'

const { url, token, perSecond } = workerData as { url: string; token: string; perSecond: number }
const counts = { sent: 0, refused: 0 }
const under = new Set<Promise<void>>()
const started = performance.now()

const timer = setInterval(() => {
  const due = ((performance.now() - started) / 1000) * perSecond
  while (counts.sent < due) {
    counts.sent += 1
    const one = fetch(url, { headers: { authorization: `Bearer ${token}` } }).then(async (response) => {
      await response.arrayBuffer()
      if (response.status === 429) counts.refused += 1
      under.delete(one)
    })
    under.add(one)
  }
}, 5)

parentPort!.once('message', () => {
  clearInterval(timer)
  void Promise.all(under).then(() => parentPort!.postMessage({ ...counts, ms: performance.now() - started }))
})
