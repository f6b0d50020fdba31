/** Learnings, settings and clients. */
export const KEPT = `
.learnings { list-style: none; padding: 0; }
.learnings > li { border: 1px solid var(--line); border-radius: var(--radius); background: var(--raised); padding: 0.5rem 1rem; margin: 0.75rem 0; overflow-wrap: anywhere; }
.learnings p { margin: 0.35rem 0; }
.files { padding-inline-start: 1.2rem; }
.setting { border-bottom: 1px solid var(--line); padding: 0.9rem 0; }
.setting p { margin: 0.2rem 0; }
.setting .facts { font-size: 0.9rem; }
.setting label { font-weight: 600; }
.setting label code { font-weight: 400; color: var(--quiet); margin-inline-start: 0.35rem; }
@media (min-width: 48rem) { .setting { display: grid; grid-template-columns: minmax(0, 1fr) 20rem; gap: 0 2rem; align-items: start; } }
details.client { border-bottom: 1px solid var(--line); padding: 0.35rem 0; }
`
