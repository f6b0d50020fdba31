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
.way { max-width: none; margin: 1.25rem 0 0.25rem; padding: 0; gap: 0.25rem 0.5rem; align-items: baseline; overflow-wrap: anywhere; }
.way a { min-width: 1.5rem; color: var(--accent); }
.entries td:first-child { width: 2rem; }
.entries input { width: 1.5rem; height: 1.5rem; margin: 0; accent-color: var(--accent); }
.entries td { vertical-align: middle; }
.entries time { white-space: nowrap; }
.entries .name { min-width: 8rem; }
.entries .acts { text-align: end; white-space: nowrap; }
.entries .acts a { display: inline-block; padding: 0.35rem 0.5rem; }
.entries .acts button { padding: 0.3rem 0.6rem; }
.number { text-align: end; white-space: nowrap; overflow-wrap: normal; font-variant-numeric: tabular-nums; padding-inline-end: 1rem; }
.tools { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: center; }
.wide { margin: 1rem 0; overflow: auto; max-height: 75vh; border: 1px solid var(--line); border-radius: 0.4rem; }
.data { width: max-content; min-width: 100%; font-size: 0.9rem; }
.data caption { text-align: start; padding: 0.4rem 0.75rem; color: var(--quiet); }
.data th, .data td { padding: 0.3rem 0.75rem; max-width: 30rem; }
.data th { position: sticky; top: 0; background: var(--raised); }
@media (max-width: 40rem) {
  .entries, .entries tbody { display: block; }
  .entries thead { display: none; }
  .entries tr { display: flex; flex-wrap: wrap; gap: 0.1rem 0.75rem; align-items: center; padding: 0.5rem 0; border-bottom: 1px solid var(--line); }
  .entries td { border: 0; padding: 0; }
  .entries .name { flex: 1 1 calc(100% - 2.75rem); }
  .entries .number { margin-inline-start: 2.75rem; }
  .entries .acts a { padding-block: 0.2rem; }
  .entries .acts { flex: 1; }
}
`
