/** What the list of runs is limited to. */
export const FILTERS = `
.days { display: flex; gap: 0 0.6rem; }
.days input { width: 9.25rem; }
.filters #zone { flex-basis: 100%; }
@media (scripting: enabled) { .filters #zone { display: none; } }
@media (max-width: 30rem) { .days { flex: 1 1 100%; min-width: 0; } .days label { flex: 1; min-width: 0; } .days input { display: block; width: 100%; min-width: 0; padding-inline: 0.5rem; } }
.chosen { list-style: none; padding: 0; margin: 0.6rem 0 0; display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center; }
.chip { display: inline-block; max-width: 100%; padding: 0.2rem 0.75rem; border: 1px solid var(--edge); border-radius: 1.5rem; background: var(--soft); color: var(--text); text-decoration: none; overflow-wrap: anywhere; }
.chip:hover { border-color: var(--accent); }
.chip > [aria-hidden] { color: var(--quiet); margin-inline-start: 0.15rem; }
.chosen a:not(.chip) { padding: 0.2rem 0.25rem; }
@media print { .chosen { display: none; } }
`
