/** Front page, account, signing in. */
export const WAY_IN = `
.lead { font-size: 1.15rem; }
.clients { list-style: none; padding: 0; margin: 1rem 0; }
.clients li { padding: 0.3rem 0; overflow-wrap: anywhere; }
.clients .sign { color: var(--good); }
.waiting { border-inline-start: 4px solid var(--line); padding-inline-start: 0.75rem; }
.example .actions { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: center; margin: 0.75rem 0; }
.example .log { min-height: 8.4rem; }
.who { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: center; }
.who p { margin: 0; overflow-wrap: anywhere; }
.entries { list-style: none; padding: 0; margin: 1rem 0; }
.entries > li { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; justify-content: space-between; padding: 0.75rem 0; border-bottom: 1px solid var(--line); }
.entries > li > div { flex: 1 1 16rem; min-width: 0; overflow-wrap: anywhere; }
.entries .facts { margin: 0.15rem 0; }
.rights { margin: 0.15rem 0; padding-inline-start: 1.2rem; font-size: 0.95rem; }
.made { border: 1px solid var(--accent); border-radius: 0.4rem; padding: 0 1rem 1rem; margin: 1rem 0; }
.made h2 { margin-top: 1rem; }
.way-out { border-top: 1px solid var(--line); padding: 0.25rem 0 0.75rem; }
.way-out h3 { font-size: 1rem; margin: 0.75rem 0 0.25rem; }
.way-out p { margin: 0.5rem 0; }
label:has(> input[type='checkbox']) { display: flex; gap: 0.6rem; align-items: center; }
label > input[type='checkbox'] { flex: none; min-height: 1.1rem; min-width: 1.1rem; }
.way-out input, fieldset input[type='text'], fieldset input[type='number'] { max-width: 26rem; display: block; }
.choice { display: flex; flex-wrap: wrap; gap: 0.75rem; }
.choice { align-items: end; }
.plain header { background: var(--raised); border-bottom: 1px solid var(--line); }
fieldset button { margin-top: 0.6rem; }
#example-log:empty::before { content: 'Its output appears here.'; color: var(--quiet); }
.plain nav { max-width: 40rem; }
@media (scripting: none) { .example .log { display: none; } }
`
