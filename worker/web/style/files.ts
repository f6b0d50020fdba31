/** Files: uploads. */
export const FILES = `
.upload { border: 2px dashed var(--line); border-radius: 0.4rem; padding: 1rem; }
.upload.over { border-color: var(--accent); background: var(--raised); }
.upload p { margin: 0.25rem 0 0; }
.upload ul, .unfinished { list-style: none; padding: 0; margin: 0; }
.upload ul:not(:empty) { margin-top: 0.75rem; }
.upload li, .unfinished li { display: flex; flex-wrap: wrap; gap: 0.25rem 0.75rem; align-items: center; padding: 0.25rem 0; }
.upload bdi, .unfinished bdi { overflow-wrap: anywhere; }
.upload li button, .unfinished button { padding: 0.2rem 0.6rem; }
progress { accent-color: var(--accent); width: 12rem; max-width: 40vw; }
.size { white-space: nowrap; overflow-wrap: normal; }
`
