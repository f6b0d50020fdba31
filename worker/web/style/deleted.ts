/** Deleting: the question before, and the word after. */
export const DELETED = `
.done { border-inline-start: 4px solid var(--good); padding-inline-start: 0.75rem; overflow-wrap: anywhere; }
.at-stake { border: 1px solid var(--line); border-radius: var(--radius); background: var(--raised); padding: 0.5rem 1rem; margin: 1rem 0; overflow-wrap: anywhere; }
.at-stake p { margin: 0.35rem 0; }
`
