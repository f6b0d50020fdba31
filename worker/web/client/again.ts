/** The way from a run's state to the form that runs it again. Without the module it is a link to the form. */

export function leadToForm(form: HTMLDetailsElement): void {
  const code = form.querySelector('textarea[name=code]')
  // The link comes anew with the facts about the run.
  document.getElementById('facts')?.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a[href="#code"]') : null
    if (link === null || event.ctrlKey || event.metaKey || !(code instanceof HTMLElement)) return
    // The address goes on naming the line that it names.
    event.preventDefault()
    form.open = true
    form.scrollIntoView({ block: 'center' })
    code.focus({ preventScroll: true })
  })
}
