/** Time zones by their IANA names, as the platform knows them. */

/** The name in its usual spelling, such as `Europe/Berlin`, or null. Offsets are refused: as TZ they would mean the opposite. */
export function timeZoneName(text: string): string | null {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(text)) return null
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone
  } catch {
    return null // no such zone
  }
}

/** `2026-11-28 11:25, Saturday`, as clocks there show it. */
export function localTime(timeZone: string, now: number): string {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    ...({ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' } as const),
    weekday: 'long',
    hourCycle: 'h23',
  })
  const parts = new Map(format.formatToParts(now).map(({ type, value }) => [type, value]))
  const [year, month, day, hour, minute, weekday] = (
    ['year', 'month', 'day', 'hour', 'minute', 'weekday'] as const
  ).map((part) => parts.get(part))
  return `${year}-${month}-${day} ${hour}:${minute}, ${weekday}`
}
