/** Front page, account, signing in. */
export const WAY_IN = `
.lead { font-size: 1.15rem; }
.beside { margin-inline-start: 0.5rem; color: var(--quiet); }
.clients { list-style: none; padding: 0; margin: 1rem 0; }
.clients li { padding: 0.3rem 0; overflow-wrap: anywhere; }
.clients .sign { color: var(--good); }
.waiting { border-inline-start: 4px solid var(--line); padding-inline-start: 0.75rem; }
.example .actions { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: center; margin: 0.75rem 0; }
.example .log { min-height: 8.4rem; }
@media (scripting: none) { .example .log { display: none; } }
`
