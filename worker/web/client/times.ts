/** Times in the reader's own zone and language. */
export function showLocalTimes(within: ParentNode): void {
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })
  for (const time of within.querySelectorAll('time')) {
    const date = new Date(time.dateTime)
    if (!Number.isNaN(date.getTime())) time.textContent = format.format(date)
  }
}
