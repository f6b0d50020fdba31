/** Files, learnings, settings and clients. */
export const KEPT = `
.learnings { list-style: none; padding: 0; }
.learnings > li { border-bottom: 1px solid var(--line); padding: 0.25rem 0; overflow-wrap: anywhere; }
.learnings p { margin: 0.35rem 0; }
.upload { border: 2px dashed var(--line); border-radius: 0.4rem; padding: 1rem; }
.upload.over { border-color: var(--accent); }
.upload li { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center; }
.size { white-space: nowrap; overflow-wrap: normal; }
.files { padding-inline-start: 1.2rem; }
.setting { border-bottom: 1px solid var(--line); padding: 0.75rem 0; }
.setting p { margin: 0.25rem 0; }
.setting label { font-weight: 600; }
details.client { border-bottom: 1px solid var(--line); padding: 0.35rem 0; }
`
