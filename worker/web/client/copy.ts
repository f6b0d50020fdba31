/** Has a button copy a text, and say whether it did until it is left. */
export function copyBy(button: HTMLElement | null, text: () => string): void {
  const words = button?.textContent ?? ''
  button?.addEventListener('click', () => {
    navigator.clipboard.writeText(text()).then(
      () => (button.textContent = 'Copied'),
      () => (button.textContent = 'Not allowed here'),
    )
    button.addEventListener('blur', () => (button.textContent = words), { once: true })
  })
}

/** A button on each text that is there to be copied. */
export function offerCopies(within: ParentNode): void {
  for (const text of within.querySelectorAll<HTMLElement>('pre[data-copy]')) {
    const button = document.createElement('button')
    button.textContent = 'Copy'
    button.addEventListener('click', () => {
      navigator.clipboard.writeText(text.textContent).then(
        () => (button.textContent = 'Copied'),
        // Not allowed here: what is selected can be copied by hand.
        () => getSelection()?.selectAllChildren(text),
      )
    })
    const frame = document.createElement('div')
    frame.className = 'copyable'
    text.replaceWith(frame)
    frame.append(text, button)
  }
}
