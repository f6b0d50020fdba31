/** Days of the filter are those of the reader's own zone, unless the address is about another one's. */

export function offerOwnDays(zone: HTMLInputElement): void {
  const dates = [...(zone.form?.querySelectorAll<HTMLInputElement>('input[type=date]') ?? [])]
  const words = document.querySelector('#zone bdi')
  const own = () => {
    zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone
    zone.disabled = dates.every(({ value }) => value === '')
    if (words !== null) words.textContent = zone.value
  }
  if (zone.disabled) own()
  for (const date of dates) date.addEventListener('change', own)
}
