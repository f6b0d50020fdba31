/** A program's resource use over its time. */
export const USE = `
.use figure { margin: 0.75rem 0; }
.use figcaption { display: flex; flex-wrap: wrap; gap: 0 0.6rem; font-size: 0.9rem; color: var(--quiet); }
.use figcaption strong { color: var(--text); font-weight: 600; }
.use .here { margin-inline-start: auto; font-variant-numeric: tabular-nums; }
.use svg { display: block; width: 100%; height: 4rem; margin-top: 0.25rem; border: 1px solid var(--line); border-radius: var(--radius); background: var(--raised); }
.use .area { fill: var(--soft); }
.use .line { fill: none; stroke: var(--accent); stroke-width: 1.5; vector-effect: non-scaling-stroke; }
.use figure p { display: flex; justify-content: space-between; margin: 0.1rem 0 0; font-size: 0.8rem; color: var(--quiet); }
`
