/** The files that are marked: without any, the buttons for them say so. */
export function askForMarks(list: HTMLElement): void {
  const say = (words: string) => {
    const said = document.getElementById('marks-said')
    if (said !== null) said.textContent = words
  }
  // The list comes anew after an upload: its place stays.
  list.addEventListener('submit', (event) => {
    const isForOne = event.submitter instanceof HTMLButtonElement && event.submitter.name === 'only'
    if (isForOne || list.querySelector('input[name=path]:checked') !== null) return
    event.preventDefault()
    say('Mark some first.')
  })
  list.addEventListener('change', () => say(''))
}
