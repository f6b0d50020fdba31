/**
 * A short key of a program and its description, the same in the session and in a view of a run. While a call goes on a view knows what was
 * asked, but not the run's id. It tells the few live runs of one user apart, and proves nothing.
 */
export function programKey(code: string, description: string): string {
  let [low, high] = [0x811c9dc5, 0x9747b28c]
  const text = `${description}\0${code}`
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    low = Math.imul(low ^ unit, 0x01000193)
    high = Math.imul(high ^ unit, 0x5bd1e995)
  }
  return [low, high].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
}
