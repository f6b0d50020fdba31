/** Ctrl+Enter, or Cmd+Enter, in the text of a program runs it. */
export function offerRunKey(): void {
  document.addEventListener('keydown', (event) => {
    const { key, ctrlKey, metaKey, isComposing, target } = event
    if (key !== 'Enter' || !(ctrlKey || metaKey) || isComposing || event.repeat) return
    if (!(target instanceof HTMLTextAreaElement) || target.name !== 'code') return
    event.preventDefault()
    // As a press on the button: one that is disabled runs nothing.
    target.form?.querySelector('button')?.click()
  })
}
